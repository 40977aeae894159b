// States that a caller holds while the machine goes on, and states of a recording by position.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { hashOfState } from "../../../src/machine/state-hash.js";
import type { MachineState } from "../../../src/machine/state.js";
import { memorySink } from "../../../src/streams/store/log/index.js";
import { replay } from "../../../src/streams/past/recording.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { OptionError } from "../../../src/options/option-error.js";
import { PositionError } from "../../../src/streams/past/replayer.js";
import { demoOptions } from "../../support/demo-guest.js";
import { seededRandom } from "../../support/seeded-random.js";
import { bytesDigest } from "../../support/state-digest.js";
import { recordTyped } from "../../support/typed-recording.js";

interface Held {
  readonly state: MachineState;
  readonly digest: string;
}

const held = (state: MachineState): Held => ({ state, digest: bytesDigest(state) });

const sink = memorySink();
const whileRecording: Held[] = [];
await recordTyped(
  {
    seed: 3,
    machine: { ...demoOptions, append: "memtest" },
    steps: [
      { awaits: "demo> ", types: "crc\nreset\n", withinMs: 2 },
      { awaits: "foldvm demo firmware", types: "stats\npoweroff\n", withinMs: 2 },
    ],
    sequence: { sleep: true, checkpointInsns: 1_000_000 },
  },
  sink,
  (machine) => {
    whileRecording.push(held(machine.state()));
  },
);
const recording = openRecording(sink.bytes());
const events = [...recording.log.events()];
const end = recording.log.end!;

test("given states taken at every event of a recording, when the machine has gone on, then all bytes are as they were", () => {
  assert.is(whileRecording.length, events.length);
  assert.ok(new Set(whileRecording.map(({ digest }) => digest)).size > events.length / 2);
  for (const { state, digest } of whileRecording) assert.is(bytesDigest(state), digest, JSON.stringify(state.position));
});

test("given states taken at every event of a replay, then each is the recording's, byte by byte, and stays it", async () => {
  const machine = recording.openMachine();
  const whileReplaying: Held[] = [];
  await recording.replay$(machine).forEach(() => {
    whileReplaying.push(held(machine.state()));
  });
  assert.is(whileReplaying.length, whileRecording.length);
  for (const [index, { state, digest }] of whileReplaying.entries()) {
    assert.is(digest, whileRecording[index]?.digest, JSON.stringify(state.position));
    assert.is(bytesDigest(state), digest);
  }
});

test("given positions in any order, when their states are asked for, then each is the one that a straight replay passes", () => {
  const random = seededRandom(11);
  const asked = openRecording(sink.bytes());
  const states: Held[] = [];
  for (let count = 0; count < 60; count += 1) {
    const index = random(events.length);
    const state = asked.at({ seq: index + 1 });
    assert.equal(state.position, { seq: events[index]!.seq, icount: events[index]!.icount });
    assert.is(bytesDigest(state), whileRecording[index]?.digest);
    states.push(held(state));
  }
  for (const { state, digest } of states) assert.is(bytesDigest(state), digest);
});

test("given icounts between events, in any order and in fresh recordings, then the same state each time", () => {
  const random = seededRandom(5);
  const icounts = Array.from({ length: 12 }, () => random(end.icount));
  const asked = openRecording(sink.bytes());
  const first = icounts.map((icount) => bytesDigest(asked.at(icount)));
  for (const [index, icount] of [...icounts.entries()].reverse()) {
    assert.is(bytesDigest(asked.at(icount)), first[index], String(icount));
    if (index < 4)
      assert.is(bytesDigest(replay(openRecording(sink.bytes()), { until: icount })), first[index], String(icount));
  }
});

test("given a state, when it is hashed as a value, then it is the hash that the machine has there", () => {
  for (const { seq, event } of events) {
    if (event.type === "checkpoint/hashed") assert.is(hashOfState(recording.at({ seq })), event.hash);
  }
  assert.is(hashOfState(replay(recording)), end.hash);
});

test("given an icount alone, then the state is the one before the events that stand there", () => {
  const index = events.findIndex(({ icount }, at) => at > 3 && icount > events[at - 1]!.icount);
  const { seq, icount } = events[index]!;
  assert.equal(recording.at(icount).position, { seq: seq - 1, icount });
  assert.equal(recording.at({ icount }).position, { seq: seq - 1, icount });
  assert.equal(recording.at(0).position, { seq: 0, icount: 0 });
});

test("given a seq alone, then the state is the one right after that event; 0 is reset", () => {
  for (const { seq, icount } of [events[0]!, events[5]!, events.at(-1)!]) {
    assert.equal(recording.at({ seq }).position, { seq, icount });
  }
  assert.equal(recording.at({ seq: 0 }).position, { seq: 0, icount: 0 });
});

test("given seq and icount, then the machine goes on from that event to the icount, and no farther than the next event", () => {
  const index = events.findIndex(({ icount }, at) => at > 3 && icount > events[at - 1]!.icount + 10);
  const [before, after] = [events[index - 1]!, events[index]!];
  for (const icount of [before.icount, before.icount + 5, after.icount])
    assert.equal(recording.at({ seq: before.seq, icount }).position, { seq: before.seq, icount });
  for (const icount of [before.icount - 1, after.icount + 1])
    assert.throws(
      () => recording.at({ seq: before.seq, icount }),
      (fault: unknown) => fault instanceof PositionError,
    );
});

test("given a position beyond the end, then it is a PositionError that names the end, and the recording can still be asked", () => {
  for (const until of [
    end.icount + 1,
    { icount: end.icount + 1 },
    { seq: end.seq + 1 },
    { seq: end.seq, icount: end.icount + 1 },
  ]) {
    assert.throws(
      () => replay(recording, { until }),
      (fault: unknown) =>
        fault instanceof PositionError &&
        fault.message.includes(
          String(typeof until === "object" && "seq" in until && until.seq > end.seq ? end.seq : end.icount),
        ),
    );
  }
  assert.is(hashOfState(replay(recording)), end.hash);
  assert.equal(replay(recording, { until: { seq: end.seq, icount: end.icount } }).position, {
    seq: end.seq,
    icount: end.icount,
  });
});

test("given a position that can't be one, then it is an OptionError", () => {
  for (const until of [-1, Number.NaN, 1.5, { seq: -1 }, { seq: 1.5 }, { seq: Number.NaN }])
    assert.throws(
      () => replay(recording, { until }),
      (fault: unknown) => fault instanceof OptionError,
      JSON.stringify(until),
    );
});

test.run();
