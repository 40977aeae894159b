/** A state index that was changed, cut off, or is of something else is never believed. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { hashOfState } from "../../../../src/machine/state-hash.js";
import type { MachineState } from "../../../../src/machine/state.js";
import { chunked, MAX_CHUNKS, readChunks } from "../../../../src/streams/store/state-index/chunks.js";
import {
  decodeDirectory,
  encodeDirectory,
  FOUND,
  type Directory,
  type DirectoryState,
  type PageChange,
  type StoredPage,
} from "../../../../src/streams/store/state-index/directory.js";
import { PROLOGUE_BYTES, encodePrologue, readPrologue } from "../../../../src/streams/store/state-index/prologue.js";
import { saveState } from "../../../../src/streams/store/saved-state/index.js";
import { bytesSource } from "../../../../src/streams/store/log/index.js";
import { openStateIndex, StateIndexError } from "../../../../src/streams/store/state-index/index.js";
import { golden, withDisk } from "../../../support/indexed-recordings.js";
import { freshSeed, seededRandom } from "../../../support/seeded-random.js";
import { evenly, indexedAt } from "../../../support/indexed-states.js";

const seed = freshSeed();
console.log(`    damaged indexes: FOLDVM_SEED=${String(seed)}`);
const random = seededRandom(seed);

const recording = golden("panic");
const { start, taken, bytes } = indexedAt(recording, [10_000]);
const { identity } = recording.log;
/** All bytes: a state's hash has the digests that its pages say they have. */
const saved = (states: readonly MachineState[]): readonly string[] =>
  states.map((state) => Buffer.from(saveState(state)).toString("latin1"));
const whole = saved(taken);

/** What is wrong with it; undefined: every state in it is what was taken. */
function fault(
  damaged: Uint8Array,
  of: { readonly identity: bigint; readonly start: MachineState } = { identity, start },
  expected: readonly string[] = whole,
): StateIndexError | undefined {
  try {
    const { states } = openStateIndex(bytesSource(damaged), of.identity, of.start);
    const read = saved(states.map((state) => state.load()));
    assert.ok(
      read.every((state, at) => state === expected[at]),
      "a state that was not taken",
    );
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
  assert.is(whole.length, 2);
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
  const expected = saved(made.taken);
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

/** The same index with another directory, whose checksums are right. */
function reforged(change: (directory: Directory) => Directory): Uint8Array {
  const source = bytesSource(bytes);
  const { chunks } = readPrologue(source, { identity, startHash: hashOfState(start) });
  const { bytes: old, end } = readChunks(source, PROLOGUE_BYTES, chunks);
  const directory = chunked(encodeDirectory(change(decodeDirectory(old, [start.ram.pageCount]))));
  const blobs = bytes.subarray(end);
  const byteLength = [...directory, blobs].reduce((sum, { length }) => sum + length, PROLOGUE_BYTES);
  const prologue = encodePrologue({ identity, startHash: hashOfState(start), byteLength, chunks: directory.length });
  return Uint8Array.from(Buffer.concat([prologue, ...directory, blobs]));
}

test("given a directory that says what is not so, when the states are read, then none of them is believed", () => {
  const states = (change: (state: DirectoryState) => DirectoryState): Uint8Array =>
    reforged((directory) => ({ ...directory, states: directory.states.map(change) }));
  const changes = (change: (one: PageChange) => PageChange): Uint8Array =>
    states((state) => ({ ...state, changes: state.changes.map((list) => list.map(change)) }));
  const pages = (change: (page: StoredPage) => StoredPage): Uint8Array =>
    reforged((directory) => ({ ...directory, pages: directory.pages.map(change) }));
  assert.is(fault(reforged((directory) => directory)), undefined);
  const lies: Readonly<Record<string, Uint8Array>> = {
    hash: states((state) => ({ ...state, hash: state.hash ^ 1n })),
    seq: states((state) => ({ ...state, position: { ...state.position, seq: state.position.seq + 1 } })),
    icount: states((state) => ({ ...state, position: { ...state.position, icount: state.position.icount + 1 } })),
    order: reforged((directory) => ({ ...directory, states: [...directory.states].reverse() })),
    parts: states((state) => ({ ...state, partsChunks: state.partsChunks + 1 })),
    size: states((state) => ({ ...state, partsSize: state.partsSize - 1 })),
    absent: changes((one) => ({ ...one, found: FOUND.absent })),
    zeros: changes((one) => ({ ...one, found: FOUND.zeros })),
    start: changes((one) => ({ ...one, found: FOUND.start })),
    elsewhere: changes((one) => ({ ...one, page: one.page + 1 })),
    beyond: changes((one) => ({ ...one, page: start.ram.pageCount })),
    unstored: changes((one) => ({ ...one, found: one.found + 1000 })),
    digest: pages((page) => ({ ...page, digest: page.digest ^ 1n })),
    page: pages((page) => ({ ...page, page: page.page + 1 })),
    space: pages((page) => ({ ...page, space: 1 })),
    large: pages((page) => ({ ...page, storedSize: 2 ** 30 })),
  };
  for (const [name, lie] of Object.entries(lies)) assert.is(fault(lie)?.code, "DAMAGED", name);
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
