/** Memory as gdb reads it: as the hart sees it, or by physical addresses, as QEMU's `qqemu.PhyMemMode` says. */
import { readPhysical, readVirtual, type Inspected } from "../../../machine/inspect.js";
import { hexAddress, hexOfBytes } from "../../../reducers/hex.js";
import { EFAULT, EINVAL, GdbError } from "./errors.js";
import { MAX_PACKET_BYTES } from "./packets.js";

const PAGE_BYTES = 4096n;

/** `ADDRESS,LENGTH`. @throws {GdbError} */
export function rangeOf(text: string): { readonly address: bigint; readonly bytes: number } {
  const [, address = "", length = ""] = /^([0-9a-f]{1,16}),([0-9a-f]{1,8})$/i.exec(text) ?? [];
  if (address === "") throw new GdbError(EINVAL, `${text} is no ADDRESS,LENGTH`);
  return { address: BigInt(`0x${address}`), bytes: Number.parseInt(length, 16) };
}

/** Where not all can be read, what comes before that. @throws {GdbError} where the first byte can't */
export function memoryText(at: Inspected, text: string, isPhysical: boolean): string {
  const { address, bytes } = rangeOf(text);
  const read = isPhysical ? readPhysical : readVirtual;
  const most = Math.min(bytes, MAX_PACKET_BYTES / 2);
  const all = read(at, address, most);
  if (all !== undefined) return hexOfBytes(all);
  const first = read(at, address, Math.min(most, Number(PAGE_BYTES - (address % PAGE_BYTES))));
  if (first === undefined) throw new GdbError(EFAULT, `nothing is at ${hexAddress(address)}`);
  return hexOfBytes(first);
}
