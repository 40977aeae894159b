// Descriptor chains at the bounds of their length, in a RAM that is larger than any test's.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { readChain, type Chain } from "../../../src/machine/virtio/descriptors.js";
import type { GuestMemory } from "../../../src/machine/virtio/guest-memory.js";
import { descriptor, DESCRIPTOR_BYTES, INDIRECT, NEXT } from "../../support/descriptor.js";

const TABLE = 0x8000_0000n;
const INDIRECT_TABLE = TABLE + 0x10_0000n;

/** Every address is RAM. It holds the descriptors, and zeros elsewhere. */
const memoryWith = (tables: ReadonlyMap<bigint, Uint8Array>): GuestMemory => ({
  has: () => true,
  read: (address, length) => tables.get(address) ?? new Uint8Array(length),
  write: () => true,
});

/** A table of buffers, each followed by the next. */
const buffers = (table: bigint, lengths: readonly number[]): [bigint, Uint8Array][] =>
  lengths.map((length, index) => [
    table + BigInt(index * DESCRIPTOR_BYTES),
    descriptor(TABLE, length, index < lengths.length - 1 ? NEXT : 0, index + 1),
  ]);

const chainOf = (lengths: readonly number[]): Chain | string =>
  readChain(memoryWith(new Map(buffers(TABLE, lengths))), TABLE, lengths.length, 0, false);

const indirectChainOf = (lengths: readonly number[]): Chain | string => {
  const head = descriptor(INDIRECT_TABLE, lengths.length * DESCRIPTOR_BYTES, INDIRECT);
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
