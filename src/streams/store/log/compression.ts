/** Compresses a segment's payload to one LZ4 frame of one block. The `lz4` program can read it. */
import lz4 from "lz4js";

/** Other programs may not read larger frames of lz4js. */
export const MAX_RAW_BYTES = 256 * 1024;

/** 7 bytes of frame header, 4 of block size, 4 of end mark. A block that would grow is stored uncompressed. */
const FRAME_OVERHEAD_BYTES = 15;
export const MAX_STORED_BYTES = MAX_RAW_BYTES + FRAME_OVERHEAD_BYTES;

/**
 * Makes the same frame as lz4js. Its own function clears its table entry by entry, which takes longer than the rest.
 */
export const compress = (raw: Uint8Array): Uint8Array => {
  if (raw.length === 0 || raw.length > MAX_RAW_BYTES) throw new Error(`${String(raw.length)} bytes are no segment`);
  const block = new Uint8Array(raw.length);
  const size = lz4.compressBlock(raw, block, 0, raw.length, table.fill(0));
  const isSmaller = size > 0 && size <= raw.length;
  const contents = isSmaller ? block.subarray(0, size) : raw;
  const frame = new Uint8Array(contents.length + FRAME_OVERHEAD_BYTES);
  frame.set(FRAME_HEADER);
  const sizeField = isSmaller ? size : raw.length | STORED_AS_IT_IS;
  new DataView(frame.buffer).setUint32(FRAME_HEADER.length, sizeField, true);
  frame.set(contents, FRAME_HEADER.length + SIZE_BYTES);
  return frame;
};

/** Returns the raw bytes. Undefined if `compress` did not make the frame, or its size is not `rawSize`. */
export const decompress = (stored: Uint8Array, rawSize: number): Uint8Array | undefined => {
  const raw = new Uint8Array(rawSize);
  return decompressInto(stored, raw) ? raw : undefined;
};

/** Fills `target`. False if `compress` did not make the frame, or its size is not the target's. */
export const decompressInto = (stored: Uint8Array, target: Uint8Array): boolean => {
  // lz4js trusts any block size, even beyond the end of the bytes. So it gets only frames of our own form.
  const block = blockIn(stored);
  if (block === undefined) return false;
  // What has no room is counted, too.
  if (block.isCompressed) return lz4.decompressBlock(block.bytes, target, 0, block.bytes.length, 0) === target.length;
  if (block.bytes.length !== target.length) return false;
  target.set(block.bytes);
  return true;
};

const FRAME_HEADER = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x40, 0x70, 0xdf);
const SIZE_BYTES = 4;
/** A flag in the block size: the block is not compressed. */
const STORED_AS_IT_IS = 0x8000_0000;
const table = new Uint32Array(1 << 16);

/** Undefined: it is no frame of one block. */
const blockIn = (stored: Uint8Array): { readonly bytes: Uint8Array; readonly isCompressed: boolean } | undefined => {
  if (stored.length <= FRAME_OVERHEAD_BYTES || FRAME_HEADER.some((byte, index) => stored[index] !== byte))
    return undefined;
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const sizeField = view.getUint32(FRAME_HEADER.length, true);
  const size = sizeField & ~STORED_AS_IT_IS;
  if (size !== stored.length - FRAME_OVERHEAD_BYTES || view.getUint32(stored.length - 4, true) !== 0) return undefined;
  const start = FRAME_HEADER.length + SIZE_BYTES;
  return { bytes: stored.subarray(start, start + size), isCompressed: sizeField === size };
};
