/**
 * Reads a block device's request from a chain (virtio 1.2 §5.2.6). The driver may write anything, so every field is
 * checked, as in QEMU.
 */
import {
  MAX_REQUEST_SECTORS,
  SECTOR_BYTES,
  SERIAL_BYTES,
  type BlkRequest,
  type BlkState,
} from "../../reducers/virtio/blk.js";
import type { Chain, Segment } from "./descriptors.js";
import type { SplitQueue } from "./queue.js";

/** VIRTIO_BLK_S_*. */
export const BLK_STATUS = { ok: 0, ioError: 1, unsupported: 2 } as const;

/** The request of a taken chain, or the status that ends it at once; undefined: the queue is broken. */
export const readRequest = (
  queue: SplitQueue,
  chain: Chain,
  disk: BlkState,
  newId: () => number,
): BlkRequest | number | undefined => {
  const header = queue.read(chain, 0, HEADER_BYTES);
  const common = returnOf(chain);
  if (header === undefined || header.length < HEADER_BYTES || common === undefined) {
    queue.broken ??= "a block request without header or status";
    return undefined;
  }
  const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
  const type = view.getUint32(0, true);

  switch (type & ~(T_OUT | T_BARRIER)) {
    case T_IN: {
      const isWrite = (type & T_OUT) !== 0;
      const length = isWrite ? chain.readableLength - HEADER_BYTES : chain.writableLength - 1;
      const offset = placeOf(disk, view.getBigUint64(8, true), length);
      if (offset === undefined || (isWrite && disk.readOnly)) return BLK_STATUS.ioError;
      return {
        ...common,
        id: newId(),
        operation: isWrite ? "write" : "read",
        offset,
        length,
        buffers: isWrite ? after(chain.readable, HEADER_BYTES) : upTo(chain.writable, length),
      };
    }
    case T_FLUSH:
      return { ...common, id: newId(), operation: "flush", offset: 0, length: 0, buffers: [] };
    case T_GET_ID:
      queue.write(chain, serialOf(disk).subarray(0, chain.writableLength - 1));
      return BLK_STATUS.ok;
    case T_DISCARD & ~T_OUT:
    case T_WRITE_ZEROES & ~T_OUT: {
      const range = readRange(queue, chain, type, disk);
      if (typeof range !== "object") return range;
      return { ...common, id: newId(), operation: "zero", ...range, buffers: [] };
    }
    default:
      return BLK_STATUS.unsupported;
  }
};

/** What returning a chain needs. The status is the last byte that the device may write. */
export const returnOf = ({ head, writable, writableLength }: Chain): BlkReturn | undefined => {
  const last = writable.at(-1);
  return last === undefined
    ? undefined
    : { head, statusAddress: last.address + BigInt(last.length - 1), usedLength: writableLength };
};

export type BlkReturn = Pick<BlkRequest, "head" | "statusAddress" | "usedLength">;

/** type, reserved, sector. */
const HEADER_BYTES = 16;
const T_IN = 0;
const T_OUT = 1;
const T_FLUSH = 4;
const T_GET_ID = 8;
const T_DISCARD = 11;
const T_WRITE_ZEROES = 13;
/** A bit of the legacy interface. It has no meaning, and is ignored. */
const T_BARRIER = 0x8000_0000;

/** sector, num_sectors, flags. */
const RANGE_BYTES = 16;
const RANGE_UNMAP = 1;

/** The range of a discard or write-zeroes request, or the status that ends it; undefined: the queue is broken. */
const readRange = (
  queue: SplitQueue,
  chain: Chain,
  type: number,
  disk: BlkState,
): { readonly offset: number; readonly length: number } | number | undefined => {
  // The configuration allows one range per request.
  const rangeLength = chain.readableLength - HEADER_BYTES;
  if ((type & T_OUT) === 0 || rangeLength > RANGE_BYTES) return BLK_STATUS.unsupported;
  const range = queue.read(chain, HEADER_BYTES, RANGE_BYTES);
  if (range === undefined || range.length < RANGE_BYTES) {
    queue.broken ??= "a discard or write-zeroes request without a range";
    return undefined;
  }
  const view = new DataView(range.buffer, range.byteOffset, RANGE_BYTES);
  const sectors = view.getUint32(8, true);
  const flags = view.getUint32(12, true);
  // §5.2.6.2: unmap is only for write-zeroes, and the other bits are reserved.
  const isDiscard = (type & ~T_BARRIER) === T_DISCARD;
  if ((flags & ~RANGE_UNMAP) !== 0 || (isDiscard && flags !== 0)) return BLK_STATUS.unsupported;
  const length = sectors * SECTOR_BYTES;
  const offset = sectors > MAX_REQUEST_SECTORS ? undefined : placeOf(disk, view.getBigUint64(0, true), length);
  return offset === undefined || disk.readOnly ? BLK_STATUS.ioError : { offset, length };
};

/** The offset and length on the disk, in bytes; undefined if they are not whole sectors, or not all on the disk. */
const placeOf = ({ sectors }: BlkState, sector: bigint, length: number): number | undefined => {
  if (length % SECTOR_BYTES !== 0 || sector > BigInt(sectors)) return undefined;
  return Number(sector) + length / SECTOR_BYTES > sectors ? undefined : Number(sector) * SECTOR_BYTES;
};

/** Padded with zeros. A serial of full length has no final zero. */
const serialOf = ({ serial }: BlkState): Uint8Array => {
  const bytes = new Uint8Array(SERIAL_BYTES);
  bytes.set(new TextEncoder().encode(serial).subarray(0, SERIAL_BYTES));
  return bytes;
};

const after = (segments: readonly Segment[], length: number): Segment[] => {
  let skip = length;
  return segments.flatMap((segment) => {
    const skipped = Math.min(skip, segment.length);
    skip -= skipped;
    return skipped === segment.length
      ? []
      : [{ address: segment.address + BigInt(skipped), length: segment.length - skipped }];
  });
};

const upTo = (segments: readonly Segment[], length: number): Segment[] => {
  let left = length;
  return segments.flatMap((segment) => {
    const taken = Math.min(left, segment.length);
    left -= taken;
    return taken === 0 ? [] : [{ address: segment.address, length: taken }];
  });
};
