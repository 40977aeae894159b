/** Minimize: what is left of a noisy recording is what makes it fail. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { lastValueFrom } from "rxjs";

import type { Judged, Minimized } from "../../../../src/streams/past/branch/index.js";
import { BranchError, calls, edits, fork, minimize, openRecording, type Recording } from "../../../../src/index.js";
import { MAX_TRIALS } from "../../../../src/streams/past/branch/minimize.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { consoleBackend } from "../../../../src/streams/live/backends/console.js";
import { record } from "../../../../src/streams/live/recorder.js";
import { wired } from "../../../../src/streams/live/run.js";
import { memorySink } from "../../../../src/streams/store/log/index.js";
import { golden, linesOf, recordingOf } from "../../../support/branches.js";
import { HARTS_ELF, HARTS_MEMORY } from "../../../support/harts-guest.js";

const RAM_START = 0x8000_0000n;

/** The ring of guests/demo/link.h: count, head and tail begin it. */
const hasLostByte =
  (recording: Recording) =>
  ({ state }: Pick<Judged, "state">): boolean => {
    const [link] = recording.symbols().filter(({ name }) => name === "link");
    const bytes = state.ram.read(Number((link?.address ?? 0n) - RAM_START), 12);
    const [count, head = 0, tail = 0] = new Uint32Array(bytes.buffer);
    return count !== head - tail;
  };

/**
 * The letter b comes while link_read is between its reading and its writing of the count: a byte is lost. Around that
 * is noise: turns that end where there is one hart, later letters, and line ends, which the guest ignores.
 */
function noisyRace(): Recording {
  const quiet = golden("race-passes");
  const [a, b] = [...quiet.eventsFrom()].filter(({ type }) => type === "uart16550/byteReceived");
  const [, , , , window] = calls(quiet, { of: "log_write", from: { seq: a?.seq ?? 0 } }).toArray();
  const { delay, insert, type } = edits(quiet);
  const edit = [
    delay(b?.seq ?? 0, { insns: (window?.icount ?? 0) + 5 - (b?.icount ?? 0) }),
    ...[100_000, 700_000, 1_650_000].map((at) => insert(at, { type: "schedule/turnEnded" })),
    ...[4_500_000, 5_000_000, 7_000_000].map((at) => type(at, "\r")),
  ];
  return recordingOf(fork(quiet, { edit }), quiet);
}

const letters = ({ kept }: Minimized): string =>
  kept.map((input) => (input.type === "uart16550/byteReceived" ? String.fromCharCode(input.byte) : "?")).join("");

test("given the race amid noise / when a lost byte is what fails / then two events are left: one before, and the lost one", async () => {
  const noisy = noisyRace();
  assert.ok(hasLostByte(noisy)({ state: noisy.at() }), "the noisy run loses a byte");
  const found = await minimize(noisy, { fails: hasLostByte(noisy) });
  assert.ok(found.isMinimal);
  assert.is(letters(found), "ab");
  assert.equal(
    found.kept.map(({ hasOwnTime }) => hasOwnTime),
    [true, true],
  );
  const small = recordingOf(found.branch, noisy);
  assert.ok(hasLostByte(noisy)({ state: small.at() }));
  assert.is(small.info.parent?.digest, noisy.info.digest);
});

test("given the race amid noise / when FAIL of a guest that got all letters is asked for / then all noise is gone", async () => {
  const noisy = noisyRace();
  const found = await minimize(noisy, { fails: "then nothing", simplifies: false });
  assert.is(letters(found), "abcdefghijklmnopqrstuvwx");
  assert.match(found.end.console, "23 delivered, then nothing");
  const small = recordingOf(found.branch, noisy);
  assert.is(small.info.guestCode, 1);
});

test("given the race amid noise / when times are simplified / then those that do not matter are none", async () => {
  const noisy = noisyRace();
  const found = await minimize(noisy, { fails: "23 delivered, then nothing" });
  const timed = found.kept.filter(({ hasOwnTime }) => hasOwnTime).length;
  assert.is(found.left, 24);
  assert.ok(timed <= 3, `${String(timed)} letters have a time of their own`);
});

/** Records the two harts' bug under chaos, until it shows. */
async function failingHarts(): Promise<Recording> {
  const options = {
    memory: HARTS_MEMORY,
    smp: 2,
    bios: "none",
    kernel: HARTS_ELF,
    append: "lost-update",
    seed: "harts",
  };
  for (let number = 0; ; number += 1) {
    const sink = memorySink();
    const { machine, header } = openMachine(options);
    const run$ = wired(machine, [consoleBackend({})], { sleep: false, chaos: { seed: `minimize-${String(number)}` } });
    await lastValueFrom(run$.pipe(record(machine, sink, header)), { defaultValue: undefined });
    if ((machine.ended?.code ?? 0) !== 0) return openRecording(sink.bytes());
  }
}

test("given two harts under chaos / when it is minimized / then the guilty switch is left alone", async () => {
  const failing = await failingHarts();
  const deviations = [...failing.eventsFrom()].filter(({ type }) => /schedule|skewed/.test(type)).length;
  const found = await minimize(failing);
  assert.ok(found.left >= 1 && found.left <= 2 && found.left <= deviations, `${String(found.left)} left`);
  assert.ok(found.kept.every(({ type }) => type.startsWith("schedule/")));
  const small = recordingOf(found.branch, failing);
  assert.is(small.info.guestCode, failing.info.guestCode);
  small.at();
  for (const { seq = 0 } of found.kept) {
    const without = fork(small, { edit: edits(small).drop(seqIn(small, seq)) }).run();
    assert.is(without.guestCode, 0, "without it, it passes");
  }
});

/** Its only deviation, or the one that is asked for by the parent's number. */
const seqIn = (small: Recording, seq: number): number =>
  [...small.eventsFrom()].find(({ type }) => type.startsWith("schedule/"))?.seq ?? seq;

test("given no failure that is asked for / when it is minimized / then what is left ends with the recording's code", async () => {
  const failing = golden("race-fails");
  const { end, branch } = await minimize(failing);
  assert.equal([end.guestCode, branch.run().guestCode], [1, 1]);
  assert.is(failing.info.guestCode, 1);
});

test("given a recording that passes / when it is minimized / then that is said", async () => {
  const error = await minimize(golden("race-passes")).catch((fault: unknown) => fault);
  assert.ok(error instanceof BranchError && error.code === "DOES_NOT_FAIL");
});

test("given few trials, or a signal / when they are over / then the best so far is there", async () => {
  const failing = golden("race-fails");
  const few = await minimize(failing, { fails: "FAIL", maxTrials: 5 });
  assert.not.ok(few.isMinimal);
  assert.is(few.trials, 5);
  assert.ok(few.left < few.inputs);
  recordingOf(few.branch, failing).at();
  const stop = new AbortController();
  const ended = await minimize(failing, {
    ...{ fails: "FAIL", signal: stop.signal },
    tried: ({ left, inputs }) => {
      if (left < inputs) stop.abort();
    },
  });
  assert.not.ok(ended.isMinimal);
  assert.ok(ended.left < ended.inputs);
  assert.throws(() => openRecording(memorySink().bytes()));
  const many = await minimize(failing, { maxTrials: MAX_TRIALS + 1 }).catch((fault: unknown) => fault);
  assert.match(String(many), "maxTrials");
});

test("given the same recording / when it is minimized twice / then the result is the same", async () => {
  const failing = golden("race-fails");
  const [one, other] = [await minimize(failing, { fails: "FAIL" }), await minimize(failing, { fails: /FAIL/ })];
  assert.is(one.left, 1);
  assert.equal(linesOf(recordingOf(one.branch, failing)), linesOf(recordingOf(other.branch, failing)));
});

test.run();
