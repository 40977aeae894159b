// Whoever takes a few events unsubscribes while one of them is being delivered: there the machine stops, and nobody
// spins.
import { EMPTY, first, ignoreElements, interval, lastValueFrom, merge, of, Subject, take, takeUntil, tap } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Backend } from "../../../src/streams/live/backend.js";
import { record } from "../../../src/streams/live/recorder.js";
import { run } from "../../../src/streams/live/run.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { trace$ } from "../../../src/streams/past/trace.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { memorySink, openLog, type LogSink } from "../../../src/streams/store/log/index.js";
import { hostScheduler, realtimeScheduler, virtualScheduler } from "../../../src/streams/time/schedulers.js";
import { FakeHostTime } from "../../support/fake-host-time.js";
import { echoing, ticking } from "../../support/tiny-guests.js";

const SESSION = "logs/session.fold";
const kernel = ticking(10_000);
const open = () => openMachine({ memory: "2M", kernel, seed: "test" });
const nothing = () => EMPTY;

test("given a guest that ticks for ever, when n events are taken, then the stream ends and the machine rests at seq n", async () => {
  const { machine } = open();
  const reset = machine.state();
  for (let count = 1; count <= 200; count += 1) {
    machine.load(reset);
    const last = await lastValueFrom(run(machine, [nothing], { sleep: false }).pipe(take(count)));
    assert.is(last.seq, count);
    const { position } = machine;
    assert.equal(position, { seq: count, icount: last.icount });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(machine.position, position, "the machine goes on");
  }
});

test("given a machine that was left, when it is run again, then it goes on from there", async () => {
  const { machine } = open();
  const run$ = run(machine, [nothing], { sleep: false });
  for (let seq = 1; seq <= 5; seq += 1) assert.is((await lastValueFrom(run$.pipe(first()))).seq, seq);
});

test("given who leaves at an effect, then the machine stops after that very instruction", async () => {
  const { machine } = openMachine({ memory: "2M", kernel: echoing(), seed: "test" });
  const left$ = new Subject<number>();
  const typist: Backend = (effects$) =>
    merge(
      of({ type: "uart16550/byteReceived", byte: 65 } as const),
      effects$.pipe(
        tap(() => {
          left$.next(Number(machine.presentNs));
        }),
        ignoreElements(),
      ),
    );
  let leftAt = 0;
  const leaving$ = left$.pipe(tap((icount) => (leftAt = icount)));
  await lastValueFrom(run(machine, [typist]).pipe(takeUntil(leaving$)), { defaultValue: undefined });
  assert.ok(leftAt > 0);
  assert.ok(machine.position.icount - leftAt <= 1, `${String(machine.position.icount)} after ${String(leftAt)}`);
});

test("given a recording that is left after n events, then it has these n, and its replay comes to the same state", async () => {
  for (let count = 1; count <= 20; count += 1) {
    const { machine, header } = open();
    const sink = memorySink();
    const run$ = run(machine, [nothing], { sleep: false });
    await lastValueFrom(run$.pipe(record(machine, sink, header), take(count)));
    assert.is(openLog(sink.bytes()).eventCount, count);
    const recording = openRecording(sink.bytes(), { images: { kernel } });
    assert.is(machine.position.seq, count);
    assert.is(recording.at().position.seq, count);
  }
});

test("given a sink that fails in the middle, then the stream fails with its error, at once", async () => {
  for (const writes of [1, 2]) {
    const { machine, header } = open();
    let written = 0;
    const sink: LogSink = {
      write: () => {
        if (written++ >= writes) throw new Error("the sink is full");
      },
      close: () => undefined,
    };
    const failing$ = run(machine, [nothing], { sleep: false }).pipe(record(machine, sink, header));
    const fault: unknown = await lastValueFrom(failing$).catch((error: unknown) => error);
    assert.is((fault as Error).message, "the sink is full");
    const { position } = machine;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(machine.position, position, "the machine goes on");
  }
});

test("given a replay, when n events are taken, then the machine rests at seq n", async () => {
  const recording = openRecording(SESSION);
  const machine = recording.openMachine();
  const reset = machine.state();
  for (let count = 1; count <= 50; count += 1) {
    machine.load(reset);
    await lastValueFrom(recording.replay$(machine).pipe(take(count)));
    assert.is(machine.position.seq, count);
  }
});

test("given a trace of every instruction, when n are taken, then nothing more is recomputed", async () => {
  const recording = openRecording(SESSION);
  for (const count of [1, 2, 10]) {
    let seen = 0;
    const trace = trace$(recording, { of: ["instruction/retired"] }).pipe(
      tap(() => (seen += 1)),
      take(count),
    );
    await lastValueFrom(trace);
    assert.is(seen, count);
  }
});

test("given timers, when n are taken, then no other one runs, on every clock", () => {
  const time = new FakeHostTime();
  const { machine } = open();
  const virtual = virtualScheduler(machine);
  for (const [scheduler, goOn] of [
    [
      realtimeScheduler(time),
      () => {
        time.pass(50);
      },
    ],
    [
      hostScheduler(time),
      () => {
        time.pass(50);
      },
    ],
    [
      virtual,
      () => {
        virtual.advanceTo(50_000_000n);
      },
    ],
  ] as const) {
    let ticks = 0;
    interval(1, scheduler)
      .pipe(take(3))
      .subscribe(() => (ticks += 1));
    for (let turn = 0; turn < 10; turn += 1) goOn();
    assert.is(ticks, 3);
  }
  assert.is(virtual.deadlineNs, undefined);
});

test.run();
