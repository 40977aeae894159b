/** What a recording answers is the same with and without a state index, whatever became of it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { hashOfState } from "../../../src/machine/state-hash.js";
import { writes } from "../../../src/streams/past/query/index.js";
import { indexRecording } from "../../../src/streams/past/index-recording.js";
import type { Recording } from "../../../src/streams/past/recording.js";
import { openRecording, type IgnoredIndex } from "../../../src/streams/session/open-recording.js";
import { goldenLog } from "../../support/indexed-recordings.js";
import { evenly, indexedAt } from "../../support/indexed-states.js";
import { freshSeed, seededRandom } from "../../support/seeded-random.js";

const seed = freshSeed();
console.log(`    state indexes: FOLDVM_SEED=${String(seed)}`);
const random = seededRandom(seed);

const LOG = goldenLog("race-fails");
const INSNS = 1_000_000;

const inFolder = async (work: (folder: string) => Promise<void> | void): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "foldvm-states-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** With states in the first million instructions. */
const indexOf = (log: string, insns = INSNS): Uint8Array =>
  indexedAt(openRecording(log, { index: false }), evenly(insns, 20)).bytes;
const INDEX = indexOf(LOG);

interface Listened {
  readonly recording: Recording;
  readonly ignored: IgnoredIndex[];
}

const opening = (index: string | false, more: { keptBytes?: number } = {}): Listened => {
  const ignored: IgnoredIndex[] = [];
  const onIndexIgnored = (fault: IgnoredIndex): void => void ignored.push(fault);
  return { recording: openRecording(LOG, { index, onIndexIgnored, ...more }), ignored };
};

const failureOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "none",
    (fault: unknown) => String(fault),
  );

const places = Array.from({ length: 12 }, () => random(INSNS));
const PAGE_BYTES = 4096;
const PLACE = { address: 0x8000_0000 + 0x3000, bytes: PAGE_BYTES };

/** At places, and by a question that goes back. */
function answersOf(recording: Recording): readonly string[] {
  const states = places.map((place) => hashOfState(recording.at(place)).toString(16));
  const query = writes(recording, { of: PLACE, from: 0, until: INSNS });
  const shown = (row: object | undefined): string =>
    JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  return [...states, shown(query.last()), shown(query.first()), String(query.toArray().length)];
}

const expected = answersOf(opening(false).recording);

test("given a state index, when a recording is asked, then its answers are those without one, and nothing is ignored", () =>
  inFolder((folder) => {
    const path = join(folder, "a.states");
    writeFileSync(path, INDEX);
    for (const keptBytes of [0, 200_000, 2 ** 29]) {
      const { recording, ignored } = opening(path, { keptBytes });
      assert.equal(answersOf(recording), expected, String(keptBytes));
      assert.equal(ignored, []);
      recording.close();
    }
  }));

test("given a state index, when a place is first asked for, then the replay goes on from the state before it", () =>
  inFolder((folder) => {
    const path = join(folder, "a.states");
    writeFileSync(path, INDEX);
    const { recording } = opening(path);
    const near = recording.nearestTo(INSNS).position.icount;
    assert.ok(near < INSNS && near >= INSNS - INSNS / 20, String(near));
    assert.is(opening(false).recording.nearestTo(INSNS).position.icount, 0);
    // The end is there, too.
    assert.is(recording.nearestTo(undefined).position.icount, recording.info.instructions);
  }));

test("given a state in memory between two of an index, when a page is asked for that was written before them, then nothing is run", () =>
  inFolder((folder) => {
    const path = join(folder, "a.states");
    const log = goldenLog("session");
    writeFileSync(path, indexOf(log, 200_000));
    const recording = openRecording(log, { index: path });
    const [from, until] = [160_000, 180_000].map((icount) => recording.nearestTo(icount).position);
    assert.ok(from && until);
    const [start, before, after] = [0, from, until].map((place) => recording.at(place).ram);
    const page = [...(after?.pageIndices() ?? [])].find((index) => {
      const version = before?.version(index);
      return version === after?.version(index) && version !== start?.version(index);
    });
    assert.ok(page !== undefined);
    recording.at(170_007);
    const of = { address: 0x8000_0000 + page * PAGE_BYTES, bytes: PAGE_BYTES };
    const { segments, skipped, instructions } = writes(recording, { of, from, until }).explain();
    assert.ok(segments > 2, String(segments));
    assert.equal([skipped, instructions], [segments, 0]);
  }));

test("given a bound of memory, when states are read of an index, then those in memory are within it", () =>
  inFolder((folder) => {
    const path = join(folder, "a.states");
    writeFileSync(path, INDEX);
    const { recording } = opening(path, { keptBytes: 300_000 });
    for (const place of evenly(INSNS, 40)) recording.at(place + 7);
    assert.ok(recording.kept.usedBytes <= 300_000, String(recording.kept.usedBytes));
    // Those in the file stay where they can be found.
    assert.ok(recording.kept.wholeStates.length >= 20);
  }));

test("given a state index that is damaged, when a recording is asked, then it is told once, and the answers are the same", () =>
  inFolder((folder) => {
    const path = join(folder, "a.states");
    for (let turn = 0; turn < 25; turn += 1) {
      const damaged = INDEX.slice();
      const at = turn < 10 ? random(damaged.length) : damaged.length - 1 - random(damaged.length >> 1);
      damaged[at] = (damaged[at] ?? 0) ^ (1 + random(255));
      writeFileSync(path, turn % 5 === 4 ? damaged.subarray(0, at) : damaged);
      const { recording, ignored } = opening(path);
      assert.equal(answersOf(recording), expected, `FOLDVM_SEED=${String(seed)}, byte ${String(at)}`);
      assert.ok(ignored.length <= 1, JSON.stringify(ignored));
      if (turn % 5 === 4) assert.is(ignored.length, 1);
      for (const { path: told } of ignored) assert.is(told, path);
      recording.close();
    }
  }));

test("given what is no index, or is of another recording, when a recording is asked, then it is told, and goes on", () =>
  inFolder((folder) => {
    const path = join(folder, "a.states");
    const wrong: readonly [Uint8Array | string, RegExp][] = [
      [indexOf(goldenLog("session"), 200_000), /of another recording/],
      ["what is this?", /does not begin as one/],
      ["", /does not begin as one/],
      [INDEX.subarray(0, 1000), /it has 1000 bytes, and was written with/],
    ];
    for (const [contents, message] of wrong) {
      writeFileSync(path, contents);
      const { recording, ignored } = opening(path);
      assert.is(hashOfState(recording.at(places[0])).toString(16), expected[0]);
      assert.match(ignored[0]?.what ?? "", message);
      recording.close();
    }
    const { recording, ignored } = opening(folder);
    assert.is(hashOfState(recording.at(places[0])).toString(16), expected[0]);
    assert.match(ignored[0]?.what ?? "", /can't be read/);
    assert.equal(opening(join(folder, "none")).ignored, []);
  }));

test("given a recording, when it is indexed, then it and the next one that is opened have the states", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a.states");
    const { recording } = opening(path);
    const seen: number[] = [];
    const made = await indexRecording(recording, { progress: ({ icount }) => seen.push(icount) });
    assert.equal([made.path, made.isNew], [path, true]);
    assert.ok(made.states >= 3, String(made.states));
    assert.is(made.bytes, readFileSync(path).length);
    for (const one of [recording, opening(path).recording])
      assert.is(one.nearestTo(undefined).position.icount, one.info.instructions);
    const again = await indexRecording(recording);
    assert.equal(again, { ...made, isNew: false });
    assert.ok((await indexRecording(recording, { force: true })).isNew);
    assert.equal(readdirSync(folder), ["a.states"]);
  }));

test("given an index that is damaged in a page, when the recording is indexed, then it is made anew", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a.states");
    await indexRecording(opening(path).recording);
    const sound = readFileSync(path);
    const damaged = Buffer.from(sound);
    damaged[damaged.length - 100] = (damaged[damaged.length - 100] ?? 0) ^ 1;
    writeFileSync(path, damaged);
    assert.ok((await indexRecording(opening(path).recording)).isNew);
    assert.ok(readFileSync(path).equals(sound));
  }));

test("given a signal, when it comes while a recording is indexed, then nothing is written, and the promise rejects with it", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a.states");
    const stop = new AbortController();
    const indexed = indexRecording(opening(path).recording, { signal: stop.signal });
    setImmediate(() => {
      stop.abort(new Error("enough"));
    });
    assert.match(await failureOf(indexed), "enough");
    assert.match(await failureOf(indexRecording(opening(path).recording, { signal: stop.signal })), "enough");
    assert.not(existsSync(path));
  }));

test("given a recording without a place for an index, when it is indexed, then the error says so", async () => {
  const { recording } = opening(false);
  assert.match(await failureOf(indexRecording(recording)), /no place for a state index/);
});

test.run();
