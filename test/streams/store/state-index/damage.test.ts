/** A state index that was changed, cut off, or is of something else is never believed. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { hashOfState } from "../../../../src/machine/state-hash.js";
import type { MachineState } from "../../../../src/machine/state.js";
import { chunked, MAX_CHUNKS } from "../../../../src/streams/store/state-index/chunks.js";
import { PROLOGUE_BYTES, encodePrologue } from "../../../../src/streams/store/state-index/prologue.js";
import { bytesSource } from "../../../../src/streams/store/log/index.js";
import { openStateIndex, StateIndexError } from "../../../../src/streams/store/state-index/index.js";
import { golden, withDisk } from "../../../support/indexed-recordings.js";
import { freshSeed, seededRandom } from "../../../support/seeded-random.js";
import { evenly, indexedAt } from "../../../support/indexed-states.js";

const seed = freshSeed();
console.log(`    damaged indexes: FOLDVM_SEED=${String(seed)}`);
const random = seededRandom(seed);

const recording = golden("clock");
const { start, taken, bytes } = indexedAt(recording, [20]);
const { identity } = recording.log;
const hashes = taken.map(hashOfState);

/** What is wrong with it; undefined: every state in it is what was taken. */
function fault(
  damaged: Uint8Array,
  of: { readonly identity: bigint; readonly start: MachineState } = { identity, start },
  expected: readonly bigint[] = hashes,
): StateIndexError | undefined {
  try {
    const { states } = openStateIndex(bytesSource(damaged), of.identity, of.start);
    const read = states.map((state) => hashOfState(state.load()));
    assert.equal(read, expected, "a state that was not taken");
    return undefined;
  } catch (error) {
    assert.instance(error, StateIndexError, String(error));
    return error as StateIndexError;
  }
}

const flipped = (of: Uint8Array, bit: number): Uint8Array => {
  const copy = of.slice();
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
};

test("given an index as it was written, when it is read, then nothing is wrong", () => {
  assert.is(fault(bytes), undefined);
  assert.is(hashes.length, 2);
});

test("given an index, when a bit of it is flipped, then it is refused, or every state is still what was taken", () => {
  let [refused, tried] = [0, 0];
  for (let byte = random(2); byte < bytes.length; byte += 2) {
    tried += 1;
    if (fault(flipped(bytes, byte * 8 + random(8))) !== undefined) refused += 1;
  }
  // LZ4 has several ways to say the same.
  assert.ok(refused > tried * 0.95, `${String(refused)} of ${String(tried)}`);
});

test("given an index, when it is cut off anywhere or something follows, then it is refused when it is opened", () => {
  for (let length = 0; length < bytes.length; length += 1) {
    assert.throws(
      () => openStateIndex(bytesSource(bytes.subarray(0, length)), identity, start),
      (error: unknown) => error instanceof StateIndexError,
    );
  }
  assert.is(fault(Uint8Array.of(...bytes, 0))?.code, "DAMAGED");
});

test("given an index of a machine with a disk, when bits of it are flipped, then no other state comes of it", async () => {
  const ofDisk = await withDisk();
  const made = indexedAt(ofDisk, evenly(ofDisk.info.instructions, 2));
  const of = { identity: ofDisk.log.identity, start: made.start };
  const expected = made.taken.map(hashOfState);
  assert.is(fault(made.bytes, of, expected), undefined);
  for (let bit = 3; bit < made.bytes.length * 8; bit += 307) fault(flipped(made.bytes, bit), of, expected);
});

test("given a file of another kind, another version, another recording or another start, then the error says which", () => {
  const other = golden("session");
  const otherStart = indexedAt(other, []).start;
  const newer = bytes.slice();
  newer[8] = 2;
  assert.is(fault(new TextEncoder().encode("FOLD and more"))?.code, "NOT_AN_INDEX");
  assert.is(fault(new Uint8Array())?.code, "NOT_AN_INDEX");
  assert.is(fault(newer)?.code, "UNSUPPORTED_VERSION");
  assert.is(fault(bytes, { identity: other.log.identity, start })?.code, "OTHER_RECORDING");
  assert.is(fault(bytes, { identity, start: otherStart })?.code, "OTHER_RECORDING");
});

test("given a directory of too many chunks, or one that holds no directory, when it is opened, then it is refused", () => {
  const chunk = chunked(new TextEncoder().encode("no directory"));
  const forged = (chunks: number): Uint8Array => {
    const body = Array.from({ length: chunks }, () => chunk).flat();
    const byteLength = body.reduce((sum, { length }) => sum + length, PROLOGUE_BYTES);
    const prologue = encodePrologue({ identity, startHash: hashOfState(start), byteLength, chunks });
    return Uint8Array.from(Buffer.concat([prologue, ...body]));
  };
  assert.match(fault(forged(MAX_CHUNKS + 1))?.what ?? "", "directory");
  assert.is(fault(forged(MAX_CHUNKS + 1))?.code, "DAMAGED");
  assert.is(fault(forged(MAX_CHUNKS))?.code, "DAMAGED");
  assert.not.match(fault(forged(MAX_CHUNKS))?.what ?? "", "its directory was changed");
  assert.is(fault(forged(1))?.code, "DAMAGED");
  assert.is(fault(forged(0))?.code, "DAMAGED");
});

test.run();
