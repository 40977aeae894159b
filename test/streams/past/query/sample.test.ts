/** Samples lie at all multiples of their distance, and are what a state there says. */
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { sample } from "../../../../src/streams/past/query/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";

const log = (name: string): string => fileURLToPath(new URL(`../../../../logs/${name}.fold`, import.meta.url));

test("given a distance in instructions, when it is sampled, then each row is of the state at its multiple", () => {
  const recording = openRecording(log("race-fails"));
  const { instructions } = recording.info;
  const query = sample(recording, ({ pc }) => pc, { everyInsns: 1_000_000 });
  const rows = query.toArray();
  assert.equal(
    rows.map(({ icount }) => icount),
    Array.from({ length: Math.floor(instructions / 1_000_000) + 1 }, (_, index) => index * 1_000_000),
  );
  for (const { icount, seq, value, pc, hart } of rows) {
    const { harts, position, schedule } = recording.at(icount);
    assert.equal([seq, value, pc, hart], [position.seq, harts[0]?.fields.pc, value, schedule.hart]);
  }
  assert.equal(query.last(), rows.at(-1));
  assert.equal(query.first(), rows[0]);
  const part = sample(recording, ({ pc }) => pc, { everyInsns: 1_000_000, from: 3_000_000, until: 4_500_000 });
  assert.equal(part.toArray(), rows.slice(3, 5));
});

test("given a distance in virtual time, when the idle clock jumps, then there is one sample behind the places it passed", () => {
  const recording = openRecording(log("session"));
  const everyNs = 100_000n;
  const rows = sample(recording, ({ ns }) => ns, { everyNs }).toArray();
  assert.ok(rows.length > 10, String(rows.length));
  const passed = rows.map(({ ns }) => ns / everyNs);
  assert.equal(passed, [...new Set(passed)]);
  for (const { ns, value } of rows) assert.is(value, ns);
  const running = sample(openRecording(log("race-fails")), ({ ns }) => ns, { everyNs: 1_000_000 }).toArray();
  for (const { ns } of running) assert.is(ns % 1_000_000n, 0n);
});

test("given no distance, or both, then it says so", () => {
  const recording = openRecording(log("session"));
  for (const options of [{}, { everyInsns: 5, everyNs: 5 }]) {
    assert.throws(() => sample(recording, () => 0, options), /everyInsns or everyNs, one of both/);
  }
});

test.run();
