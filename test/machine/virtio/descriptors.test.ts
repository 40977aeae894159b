// Descriptor chains at the bounds of their length, in a RAM that is larger than any test's.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { readChain, type Chain } from "../../../src/machine/virtio/descriptors.js";
import type { GuestMemory } from "../../../src/machine/virtio/guest-memory.js";

const TABLE = 0x8000_0000n;
const INDIRECT_TABLE = TABLE + 0x10_0000n;
const DESCRIPTOR_BYTES = 16;
const NEXT = 1;
const INDIRECT = 4;

/** Every address is RAM. It holds the descriptors, and zeros elsewhere. */
const memoryWith = (tables: ReadonlyMap<bigint, Uint8Array>): GuestMemory => ({
  read: (address, length) => tables.get(address) ?? new Uint8Array(length),
  write: () => true,
});

const descriptor = (length: number, flags: number, next: number, address = TABLE): Uint8Array => {
  const bytes = new Uint8Array(DESCRIPTOR_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, address, true);
  view.setUint32(8, length, true);
  view.setUint16(12, flags, true);
  view.setUint16(14, next, true);
  return bytes;
};

/** A table of buffers, each followed by the next. */
const buffers = (table: bigint, lengths: readonly number[]): [bigint, Uint8Array][] =>
  lengths.map((length, index) => [
    table + BigInt(index * DESCRIPTOR_BYTES),
    descriptor(length, index < lengths.length - 1 ? NEXT : 0, index + 1),
  ]);

const chainOf = (lengths: readonly number[]): Chain | string =>
  readChain(memoryWith(new Map(buffers(TABLE, lengths))), TABLE, lengths.length, 0, false);

const indirectChainOf = (lengths: readonly number[]): Chain | string => {
  const head = descriptor(lengths.length * DESCRIPTOR_BYTES, INDIRECT, 0, INDIRECT_TABLE);
  const tables = new Map([[TABLE, head], ...buffers(INDIRECT_TABLE, lengths)]);
  return readChain(memoryWith(tables), TABLE, 8, 0, true);
};

const lengthOf = (chain: Chain | string): number | string =>
  typeof chain === "string" ? chain : chain.readableLength + chain.writableLength;

test("given a chain of 2^32 bytes, when it is read, then it is taken; with one more, then it is refused", () => {
  assert.is(lengthOf(chainOf([0xffff_ffff, 1])), 2 ** 32);
  assert.is(lengthOf(chainOf([0xffff_ffff, 2])), "a chain of more than 2^32 bytes");
});

test("given an indirect table of 1024 buffers, when it is read, then all are there; with one more, then it is refused", () => {
  assert.is(lengthOf(indirectChainOf(new Array<number>(1024).fill(1))), 1024);
  assert.match(String(lengthOf(indirectChainOf(new Array<number>(1025).fill(1)))), "longer than 1024 descriptors");
});

test.run();
