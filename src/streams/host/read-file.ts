/** Reads a whole file into memory, also one without an end, such as a device. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";

/** Larger than any kernel, with its symbols. */
export const MAX_READ_BYTES = 1 << 30;
const PART_BYTES = 1 << 20;

/** Throws what the host says, or an Error that says that it is longer than `maxBytes`. */
export function readWholeFile(path: string, maxBytes = MAX_READ_BYTES): Uint8Array {
  const file = openSync(path, "r");
  try {
    const stats = fstatSync(file);
    if (stats.size > maxBytes) throw tooLong(maxBytes);
    return plain(stats.isFile() && stats.size > 0 ? readFileSync(file) : readToEnd(file, maxBytes));
  } finally {
    closeSync(file);
  }
}

/** What a pipe, a device or a file of the kernel has to say shows only at its end. */
function readToEnd(file: number, maxBytes: number): Buffer {
  const parts: Uint8Array[] = [];
  for (let length = 0; ;) {
    const part = new Uint8Array(PART_BYTES);
    const count = readSync(file, part);
    if (count === 0) return Buffer.concat(parts, length);
    length += count;
    if (length > maxBytes) throw tooLong(maxBytes);
    parts.push(part.slice(0, count));
  }
}

/** A Buffer's `slice` is no copy, and its `subarray` takes long. */
const plain = ({ buffer, byteOffset, length }: Buffer): Uint8Array => new Uint8Array(buffer, byteOffset, length);

const tooLong = (maxBytes: number): Error => new Error(`it has more than ${String(maxBytes)} bytes`);
