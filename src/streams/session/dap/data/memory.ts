/** Memory of a guest as a client reads it: by the addresses that values have. */
import { readVirtual, type Inspected } from "../../../../machine/inspect.js";
import { hexAddress } from "../../../../reducers/hex.js";
import { readMemory } from "../../../past/names/memory.js";
import { DapError } from "../dap-error.js";

/** Of one request: a client asks for what it shows. */
export const MAX_READ_BYTES = 1 << 20;
const PAGE_BYTES = 4096n;

/** An address, as `memoryReference` tells it. @throws {DapError} */
export function addressOf(reference: string, offset = 0): bigint {
  if (!/^(?:0x[0-9a-f]{1,16}|\d{1,20})$/i.test(reference)) {
    throw new DapError("NO_SUCH_REFERENCE", `${JSON.stringify(reference)} is no address, such as 0x80001000`);
  }
  const address = BigInt(reference) + BigInt(offset);
  if (address === BigInt.asUintN(64, address)) return address;
  throw new DapError("NO_SUCH_REFERENCE", `${reference} and ${String(offset)} bytes is no address of 64 bits`);
}

export interface MemoryRead {
  readonly address: string;
  /** Base64. */
  readonly data?: string;
  /** How many bytes can't be read behind those that were. */
  readonly unreadableBytes?: number;
}

/** @throws {DapError} */
export function memoryRead(at: Inspected, address: bigint, count: number): MemoryRead {
  if (count > MAX_READ_BYTES) {
    throw new DapError("TOO_MUCH", `${String(count)} bytes are asked for: at most ${String(MAX_READ_BYTES)} at a time`);
  }
  const parts: Uint8Array[] = [];
  let read = 0;
  let isReadable = true;
  let unreadable = 0;
  for (const { start, bytes } of pagesOf(address, count)) {
    const part = bytesAtAddress(at, start, bytes);
    if (part !== undefined && !isReadable) break;
    isReadable = part !== undefined;
    if (part === undefined) unreadable += bytes;
    else {
      parts.push(part);
      read += bytes;
    }
  }
  return {
    address: hexAddress(address),
    ...(read > 0 && { data: Buffer.concat(parts).toString("base64") }),
    ...(unreadable > 0 && { unreadableBytes: unreadable }),
  };
}

/** What a program calls by an address, or else a device's register. Undefined: nothing is there. */
export const bytesAtAddress = (at: Inspected, address: bigint, bytes: number): Uint8Array | undefined =>
  readMemory(at, address, bytes) ?? readVirtual(at, address, bytes);

/** Up to the end of each page: the next one may not be mapped. The last address has no next. */
function* pagesOf(address: bigint, count: number): Generator<{ readonly start: bigint; readonly bytes: number }> {
  for (let done = 0; done < count;) {
    const start = address + BigInt(done);
    if (start >> 64n !== 0n) return;
    const bytes = Math.min(count - done, Number(PAGE_BYTES - (start % PAGE_BYTES)));
    yield { start, bytes };
    done += bytes;
  }
}
