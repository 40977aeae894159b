// Blocks against what lz4js, which shares no code with it, makes of them; and blocks that nobody packed.
import { createRequire } from "node:module";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_BLOCK_BYTES, unpackBlock } from "../../../../src/streams/store/log/lz4-block.js";
import { seededRandom } from "../../../support/seeded-random.js";

interface Reference {
  compressBlock(source: Uint8Array, target: Uint8Array, start: number, length: number, table: Uint32Array): number;
  decompressBlock(source: Uint8Array, target: Uint8Array, start: number, length: number, end: number): number;
}
const reference = createRequire(import.meta.url)("lz4js") as Reference;

const packed = (raw: Uint8Array): Uint8Array => {
  const block = new Uint8Array(raw.length);
  return block.subarray(0, reference.compressBlock(raw, block, 0, raw.length, new Uint32Array(1 << 16)));
};

/** Noise and repetitions of any distance, with long ones among them. */
const repetitive = (length: number, seed: number): Uint8Array => {
  const random = seededRandom(seed);
  const raw = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const part = Math.min(length - at, random(4) === 0 ? 1 + random(2000) : 1 + random(20));
    const distance = 1 + random(Math.min(at + 1, random(2) === 0 ? 12 : 60_000));
    for (const end = at + part; at < end; at += 1) raw[at] = (part < 6 ? undefined : raw[at - distance]) ?? random(256);
  }
  return raw;
};

const LITERALS = [0x40, 1, 2, 3, 4];

test("given blocks of lz4js with matches of any distance and length, then each unpacks to what it was", () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const raw = repetitive(seed === 60 ? MAX_BLOCK_BYTES : 100 * seed, seed);
    const unpacked = new Uint8Array(raw.length);
    assert.ok(unpackBlock(packed(raw), unpacked), `seed ${String(seed)}`);
    assert.is(Buffer.compare(unpacked, raw), 0, `seed ${String(seed)}`);
  }
});

test("given blocks with changed bytes, then what unpacks is what lz4js makes of it", () => {
  const random = seededRandom(3);
  let unpackedBlocks = 0;
  for (let round = 0; round < 3000; round += 1) {
    const raw = repetitive(600, 1 + random(20));
    const block = packed(raw);
    for (let changes = 1 + random(3); changes > 0; changes -= 1) block[random(block.length)] = random(256);
    const [ours, theirs] = [new Uint8Array(raw.length), new Uint8Array(raw.length)];
    if (!unpackBlock(block, ours)) continue;
    unpackedBlocks += 1;
    assert.is(reference.decompressBlock(block, theirs, 0, block.length, 0), raw.length);
    assert.is(Buffer.compare(ours, theirs), 0);
  }
  assert.ok(unpackedBlocks > 100, String(unpackedBlocks));
});

for (const [what, block, length] of [
  ["no bytes", [], 0],
  ["literals that are not there", [0x50, 1, 2, 3, 4], 5],
  ["a length that does not end", [0xf0, 255, 255], 600],
  ["a distance that is cut off", [...LITERALS, 1], 8],
  ["a match of distance 0", [...LITERALS, 0, 0, 0x10, 9], 9],
  ["a match from before the beginning", [...LITERALS, 5, 0, 0x10, 9], 9],
  ["a match longer than the target", [0x4f, 1, 2, 3, 4, 4, 0, 255, 0, 0x10, 9], 9],
  ["a match of a million bytes", [0x4f, 1, 2, 3, 4, 4, 0, ...new Array<number>(4000).fill(255), 0, 0x10, 9], 9],
  ["literals longer than the target", LITERALS, 3],
  ["fewer bytes than the target has", LITERALS, 5],
] as const) {
  test(`given a block with ${what}, then it is refused`, () => {
    assert.not(unpackBlock(Uint8Array.from(block), new Uint8Array(length)));
  });
}

test("given one byte more than a block may have, packed or not, then it is refused", () => {
  const noise = new Uint8Array(MAX_BLOCK_BYTES + 1);
  assert.not(unpackBlock(noise, new Uint8Array(1)));
  assert.not(unpackBlock(Uint8Array.from(LITERALS), noise));
});

test("given a match of distance 1, 7 and 8, then it repeats what it makes itself", () => {
  for (const distance of [1, 7, 8]) {
    const first = Array.from({ length: distance }, (_, index) => index + 1);
    const block = [(distance << 4) | 15, ...first, distance, 0, 200, 0x10, 99];
    const target = new Uint8Array(distance + 4 + 15 + 200 + 1);
    assert.ok(unpackBlock(Uint8Array.from(block), target));
    const expected = Array.from(target, (_, index) => (index === target.length - 1 ? 99 : 1 + (index % distance)));
    assert.equal([...target], expected);
  }
});

test.run();
