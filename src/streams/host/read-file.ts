/** Reads a whole file into memory, also one without an end, such as a device. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

type ReadPart = (part: Uint8Array) => void;

export interface ReadOptions {
  readonly maxBytes?: number;
  readonly read?: ReadPart;
}

/** Larger than any kernel, with its symbols. */
export const MAX_READ_BYTES = 1 << 30;
/** What the host's cache holds until the reader has looked at it. */
const PART_BYTES = 1 << 18;

/**
 * Throws what the host says, or an Error that says that it is longer than `maxBytes`. `read` is called with each part
 * while the host's caches hold it.
 */
export function readWholeFile(
  path: string,
  { maxBytes = MAX_READ_BYTES, read = () => undefined }: ReadOptions = {},
): Uint8Array {
  const file = openSync(path, "r");
  try {
    const stats = fstatSync(file);
    if (stats.size > maxBytes) throw tooLong(maxBytes);
    const isSized = stats.isFile() && stats.size > 0;
    return plain(isSized ? readSized(file, stats.size, read) : readToEnd(file, maxBytes, read));
  } finally {
    closeSync(file);
  }
}

/** By way of a small buffer: fresh memory that the host reads into has to be mapped twice before anybody sees it. */
function readSized(file: number, size: number, read: ReadPart): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  const buffer = Buffer.allocUnsafeSlow(Math.min(PART_BYTES, size));
  for (let length = 0; length < size;) {
    const count = readSync(file, buffer, 0, Math.min(PART_BYTES, size - length), null);
    // It was cut off meanwhile.
    if (count === 0) return bytes.subarray(0, length);
    const part = buffer.subarray(0, count);
    read(part);
    bytes.set(part, length);
    length += count;
  }
  return bytes;
}

/** What a pipe, a device or a file of the kernel has to say shows only at its end. */
function readToEnd(file: number, maxBytes: number, read: ReadPart): Buffer {
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(PART_BYTES);
  for (let length = 0; ;) {
    const count = readSync(file, buffer);
    if (count === 0) return Buffer.concat(parts, length);
    length += count;
    if (length > maxBytes) throw tooLong(maxBytes);
    const part = buffer.slice(0, count);
    read(part);
    parts.push(part);
  }
}

/** A Buffer's `slice` is no copy, and its `subarray` takes long. */
const plain = ({ buffer, byteOffset, length }: Buffer): Uint8Array => new Uint8Array(buffer, byteOffset, length);

const tooLong = (maxBytes: number): Error => new Error(`it has more than ${String(maxBytes)} bytes`);
