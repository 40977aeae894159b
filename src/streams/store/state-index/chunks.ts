/** Bytes of any length as compressed and guarded pieces: u32 raw size, stored size and checksum, then the bytes. */
import { concatenated } from "../../../reducers/concatenated.js";
import type { ByteSource } from "../log/byte-source.js";
import { checksum } from "../log/checksum.js";
import { compress, decompress, MAX_RAW_BYTES, MAX_STORED_BYTES } from "../log/compression.js";
import { StateIndexError } from "./state-index-error.js";

const HEADER_BYTES = 12;
/** A directory of 256 MiB: of some 15 million pages. */
export const MAX_CHUNKS = 1024;

export function chunked(bytes: Uint8Array): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += MAX_RAW_BYTES) {
    const raw = bytes.subarray(at, at + MAX_RAW_BYTES);
    const stored = compress(raw);
    const chunk = new Uint8Array(HEADER_BYTES + stored.length);
    const view = new DataView(chunk.buffer);
    view.setUint32(0, raw.length, true);
    view.setUint32(4, stored.length, true);
    chunk.set(stored, HEADER_BYTES);
    view.setUint32(8, checksumOf(chunk), true);
    chunks.push(chunk);
  }
  return chunks;
}

/** The bytes, and where they end in the source. @throws {StateIndexError} unless they are as they were written. */
export function readChunks(source: ByteSource, start: number, count: number): { bytes: Uint8Array; end: number } {
  if (count > MAX_CHUNKS) throw damaged(start);
  const parts: Uint8Array[] = [];
  let offset = start;
  for (let index = 0; index < count; index += 1) {
    if (offset + HEADER_BYTES > source.size) throw damaged(offset);
    const header = source.read(offset, HEADER_BYTES);
    const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
    const [rawSize, storedSize] = [view.getUint32(0, true), view.getUint32(4, true)];
    const byteLength = HEADER_BYTES + storedSize;
    if (rawSize > MAX_RAW_BYTES || storedSize > MAX_STORED_BYTES || offset + byteLength > source.size)
      throw damaged(offset);
    const chunk = source.read(offset, byteLength);
    if (checksumOf(chunk) !== view.getUint32(8, true)) throw damaged(offset);
    const raw = decompress(chunk.subarray(HEADER_BYTES), rawSize);
    if (raw === undefined) throw damaged(offset);
    parts.push(raw);
    offset += byteLength;
  }
  return { bytes: concatenated(parts), end: offset };
}

const damaged = (offset: number): StateIndexError =>
  new StateIndexError("DAMAGED", `its directory was changed at byte ${String(offset)}`);

/** Of all but the checksum's own place. */
const checksumOf = (chunk: Uint8Array): number => {
  const sizes = checksum(chunk.subarray(0, 8));
  return (sizes ^ checksum(chunk.subarray(HEADER_BYTES))) >>> 0;
};
