/** The checksum of memory that gdb compares a program's sections with: CRC-32, its highest bit first. */
import { readPhysical, readVirtual, type Inspected } from "../../../machine/inspect.js";
import { hex, hexAddress } from "../../../reducers/hex.js";
import { EFAULT, EINVAL, GdbError } from "./errors.js";
import { rangeOf } from "./memory.js";

/** All of it is read while gdb waits. */
export const MAX_SUMMED_BYTES = 64 << 20;

const POLYNOMIAL = 0x04c1_1db7;
const PAGE_BYTES = 4096;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) sum = sum < 0 ? (sum << 1) ^ POLYNOMIAL : sum << 1;
  return sum;
});

/** `ADDRESS,LENGTH`. @throws {GdbError} where not all of it can be read */
export function checksumText(at: Inspected, text: string, isPhysical: boolean): string {
  const { address, bytes } = rangeOf(text);
  if (bytes > MAX_SUMMED_BYTES) {
    throw new GdbError(EINVAL, `at most ${String(MAX_SUMMED_BYTES)} bytes are summed at a time`);
  }
  const read = isPhysical ? readPhysical : readVirtual;
  let sum = 0xffff_ffff;
  for (let done = 0; done < bytes; done += PAGE_BYTES) {
    const from = address + BigInt(done);
    const part = read(at, from, Math.min(PAGE_BYTES, bytes - done));
    if (part === undefined) throw new GdbError(EFAULT, `not all can be read from ${hexAddress(from)} on`);
    for (const byte of part) sum = (sum << 8) ^ (TABLE[(sum >>> 24) ^ byte] ?? 0);
  }
  return `C${hex(sum >>> 0)}`;
}
