// What the guest does by itself: recomputed from a recording, at exact places, and nobody who does not ask pays for it.
import { lastValueFrom, toArray } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { disassemble } from "../../../src/machine/isa/disassemble.js";
import { hostClock } from "../../../src/streams/live/backends/host-clock.js";
import { memorySink } from "../../../src/streams/store/log/index.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { record } from "../../../src/streams/live/recorder.js";
import { type Recording } from "../../../src/streams/past/recording.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { run } from "../../../src/streams/live/run.js";
import { trace$, type GuestActionType, type TracedAction } from "../../../src/streams/past/trace.js";
import { FakeHostTime } from "../../support/fake-host-time.js";
import { readingTheTime, rearming } from "../../support/tiny-guests.js";

const recordingOf = (kernel: Uint8Array): Recording => {
  const { machine, header } = openMachine({ memory: "2M", kernel, seed: "trace", shift: 5 });
  const sink = memorySink();
  const time = new FakeHostTime();
  run(machine, [hostClock(time)], { time })
    .pipe(record(machine, sink, header))
    .subscribe();
  for (let turn = 0; machine.ended === null && turn < 100; turn += 1) time.turn();
  return openRecording(sink.bytes(), { images: { kernel } });
};

const traced = (recording: Recording, of: readonly GuestActionType[], range = {}): Promise<TracedAction[]> =>
  lastValueFrom(trace$(recording, { of, ...range }).pipe(toArray()));

const RTC = 0x10_1000n;
const UART = 0x1000_0000n;
const FINISHER = 0x10_0000n;

test("given a guest that reads the time and prints it, then each access is there once, in order, with its value", async () => {
  const recording = recordingOf(readingTheTime(2));
  const accesses = await traced(recording, ["mmio/loaded", "mmio/stored"]);
  assert.equal(
    accesses.map((action) => ("address" in action ? [action.type, action.address] : [])),
    [
      ...[1, 2].flatMap(() => [
        ["mmio/loaded", RTC],
        ["mmio/loaded", RTC + 4n],
        ["mmio/stored", UART],
        ["mmio/stored", UART],
      ]),
      ["mmio/stored", FINISHER],
    ],
  );
  const reading = [...recording.log.events()].flatMap(({ event }) => ("hostNs" in event ? [event.hostNs] : []))[0]!;
  const [low, high, , store] = accesses;
  assert.equal(
    [low, high].map((one) => (one !== undefined && "value" in one ? one.value : -1n)),
    [reading & 0xffff_ffffn, reading >> 32n],
  );
  assert.is(store!.icount, low!.icount + 3);
});

test("given traces by either engine, then the accesses are the same, and between two positions only those that lie there", async () => {
  const recording = recordingOf(readingTheTime(3));
  const all = await traced(recording, ["mmio/loaded", "mmio/stored"]);
  const detailed = await traced(recording, ["mmio/loaded", "mmio/stored", "instruction/retired", "trap/taken"]);
  assert.equal(
    detailed.filter(({ type }) => type.startsWith("mmio/")),
    all,
  );
  const [from, until] = [all[4]!.icount, all[8]!.icount];
  assert.equal(await traced(recording, ["mmio/loaded", "mmio/stored"], { from, until }), all.slice(4, 8));
});

test("given instructions and traps, then each icount has one instruction, and each trap its cause and place", async () => {
  const recording = recordingOf(rearming());
  const actions = await traced(recording, ["instruction/retired", "trap/taken"]);
  const instructions = actions.flatMap((action) => (action.type === "instruction/retired" ? [action] : []));
  assert.equal(
    instructions.map(({ icount }) => icount),
    instructions.map((_, index) => index),
  );
  assert.is(instructions.length, recording.info.instructions);
  const fired = [...recording.log.events()].filter(({ event }) => event.type === "clint/timerFired");
  assert.equal(
    actions.flatMap((action) => (action.type === "trap/taken" ? [[action.seq, action.icount, action.cause]] : [])),
    fired.map(({ seq, icount }, index) => [seq, index === 0 ? icount : icount + 1, 7n]),
  );
  assert.is(
    disassemble(instructions.find(({ icount }) => icount === fired[0]!.icount)!.encoding).split(" ")[0],
    "bnez",
  );
});

test("given somebody who leaves, then nothing is recomputed for them any more", () => {
  let seen = 0;
  trace$(recordingOf(readingTheTime(2)), { of: ["mmio/loaded"] })
    .subscribe(() => (seen += 1))
    .unsubscribe();
  assert.ok(seen <= 4);
});

test("given actions of the guest, then each has its hart and the virtual time of its own instruction", async () => {
  const recording = openRecording("logs/session.fold");
  const range = { until: 60_000 };
  const actions = await lastValueFrom(
    trace$(recording, { of: ["mmio/stored", "mmio/loaded"], ...range }).pipe(toArray()),
  );
  assert.ok(actions.length > 0);
  for (const { seq, icount, ns, hart } of actions) {
    const { biasNs } = recording.at({ seq }).clock;
    assert.is(ns, biasNs + (BigInt(icount) << BigInt(recording.config.shift)));
    assert.is(hart, 0);
  }
});

test.run();
