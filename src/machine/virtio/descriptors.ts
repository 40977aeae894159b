/**
 * Reads the descriptor chains of a split virtqueue (virtio 1.2 §2.7.5). The guest may write anything, so every field is
 * checked.
 */
import type { GuestMemory } from "./guest-memory.js";
import { hexAddress } from "../../reducers/hex.js";

/** A buffer in guest RAM: one part of a chain. */
export interface Segment {
  readonly address: bigint;
  readonly length: number;
}

/** The buffers of one chain: those that the device reads, then those that it writes. */
export interface Chain {
  /** The first descriptor, by which the chain is returned. */
  readonly head: number;
  readonly readable: readonly Segment[];
  readonly writable: readonly Segment[];
  readonly readableLength: number;
  readonly writableLength: number;
}

/** The chain that begins at `head` in a table of `num` descriptors, or what is wrong with it. */
export const readChain = (
  memory: GuestMemory,
  descriptorArea: bigint,
  num: number,
  head: number,
  allowIndirect: boolean,
): Chain | string => {
  const readable: Segment[] = [];
  const writable: Segment[] = [];
  let readableLength = 0;
  let writableLength = 0;
  let table = descriptorArea;
  let size = num;
  let indirect = false;
  let index = head;
  for (let count = 0; count <= MAX_DESCRIPTORS; count += 1) {
    if (index >= size) return `descriptor ${String(index)} is beyond the table's ${String(size)}`;
    const descriptor = readDescriptor(memory, table + BigInt(index * DESCRIPTOR_BYTES));
    if (descriptor === undefined) return `descriptor ${String(index)} is not in RAM`;
    const { address, length, flags, next } = descriptor;
    if ((flags & F_INDIRECT) !== 0) {
      // §2.7.5.3.1: an indirect descriptor must be negotiated, last in its chain, a whole number of descriptors, and
      // not nested.
      if (!allowIndirect) return "an indirect descriptor, which was not negotiated";
      if (indirect || (flags & F_NEXT) !== 0) return "an indirect descriptor that is nested or chained on";
      if (length === 0 || length % DESCRIPTOR_BYTES !== 0) return `an indirect table of ${String(length)} bytes`;
      indirect = true;
      table = address;
      size = length / DESCRIPTOR_BYTES;
      index = 0;
      continue;
    }
    if (length === 0) return "a buffer of no bytes";
    if (!memory.has(address, length)) return `a buffer that is not in RAM, at ${hexAddress(address)}`;
    if ((flags & F_WRITE) !== 0) {
      writable.push({ address, length });
      writableLength += length;
    } else {
      if (writable.length > 0) return "a buffer to read after one to write";
      readable.push({ address, length });
      readableLength += length;
    }
    if (readableLength + writableLength > MAX_CHAIN_BYTES) return "a chain of more than 2^32 bytes";
    if ((flags & F_NEXT) === 0) return { head, readable, writable, readableLength, writableLength };
    index = next;
  }
  return `a chain that loops, or is longer than ${String(MAX_DESCRIPTORS)} descriptors`;
};

const DESCRIPTOR_BYTES = 16;
const F_NEXT = 1;
const F_WRITE = 2;
const F_INDIRECT = 4;
/** The longest queue that a device offers. No chain may be longer (§2.7.5.3.1). The limit also ends a loop. */
const MAX_DESCRIPTORS = 1024;
/** §2.7.5.2. */
const MAX_CHAIN_BYTES = 2 ** 32;

interface Descriptor extends Segment {
  readonly flags: number;
  readonly next: number;
}

const readDescriptor = (memory: GuestMemory, at: bigint): Descriptor | undefined => {
  const bytes = memory.read(at, DESCRIPTOR_BYTES);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, DESCRIPTOR_BYTES);
  return {
    address: view.getBigUint64(0, true),
    length: view.getUint32(8, true),
    flags: view.getUint16(12, true),
    next: view.getUint16(14, true),
  };
};
