// Stopping and going on: at exact places, live and on replay, and nothing of the run is changed by it.
import { EMPTY, lastValueFrom, Subject, take, type Observable } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { hashOfState } from "../../../src/machine/state-hash.js";
import type { MachineEvent, PositionedEvent } from "../../../src/reducers/events.js";
import { Control, type Stopped } from "../../../src/streams/time/control.js";
import { memorySink } from "../../../src/streams/store/log/index.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { hostTime, type HostTime } from "../../../src/streams/time/host-time.js";
import { record } from "../../../src/streams/live/recorder.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { wired } from "../../../src/streams/live/run.js";
import { saveState } from "../../../src/streams/store/saved-state/index.js";
import { FakeHostTime } from "../../support/fake-host-time.js";
import { freshSeed, seededRandom } from "../../support/seeded-random.js";
import { echoing, ticking } from "../../support/tiny-guests.js";
import { demoOptions } from "../../support/demo-guest.js";

const SESSION = "logs/session.fold";

/** All that can be read of a machine. */
const readEverything = (control: Control): bigint => {
  const state = control.state();
  saveState(state);
  return hashOfState(state);
};

test("given a replay held at every event with random pauses and a reader of everything, then states, order and end are the plain replay's", async () => {
  const seed = freshSeed();
  const random = seededRandom(seed);
  const recording = openRecording(SESSION);
  const plain = recording.openMachine();
  const hashes: bigint[] = [];
  await recording.replay$(plain).forEach(() => {
    hashes.push(plain.hash());
  });
  const control = new Control({ paused: true });
  const machine = recording.openMachine();
  let events = 0;
  const done = recording.replay$(machine, undefined, { control }).forEach(() => {
    events += 1;
  });
  for (let seq = 1; seq <= hashes.length; seq = control.state().position.seq + 1) {
    const stopped = await control.runUntil({ seq });
    assert.is(stopped.position.seq, seq, `FOLDVM_SEED=${String(seed)}`);
    assert.is(readEverything(control), hashes[seq - 1], `FOLDVM_SEED=${String(seed)}, seq ${String(seq)}`);
    if (random(8) === 0) await new Promise((resolve) => setTimeout(resolve, random(4)));
    if (random(4) === 0) await control.step(1 + random(50));
  }
  control.resume();
  await done;
  assert.is(events, hashes.length);
  assert.is(machine.hash(), plain.hash());
  assert.is((await control.pause()).cause, "ended");
});

test("given the icount of an interrupt, when a replay stops there 8 times in different ways, then always before the trap", async () => {
  const recording = openRecording(SESSION);
  const events = [...recording.log.events()];
  const timer = events.find(({ event }) => event.type === "clint/timerFired");
  assert.ok(timer);
  const { seq, icount } = timer;
  const expected = hashOfState(recording.at({ seq }));
  for (let turn = 0; turn < 8; turn += 1) {
    const control = new Control({ paused: true });
    const machine = recording.openMachine();
    const subscription = recording.replay$(machine, undefined, { control }).subscribe();
    if (turn % 2 === 1) await control.runUntil({ icount: icount - turn });
    const { position } = await control.runUntil(turn % 4 < 2 ? { seq } : { event: (event) => event.seq === seq });
    assert.equal(position, { seq, icount });
    assert.is(readEverything(control), expected);
    subscription.unsubscribe();
  }
});

interface Session {
  readonly control: Control;
  readonly time: FakeHostTime;
  readonly offer: (event: MachineEvent) => void;
  readonly events: PositionedEvent[];
  readonly bytes: () => Uint8Array;
  readonly stops: Stopped[];
}

/** `workMs`: see FakeHostTime; with it bursts stay short. */
const session = (kernel: Uint8Array, untilIcount: number, workMs = 0): Session => {
  const { machine, header } = openMachine({ memory: "2M", kernel, seed: "test" });
  const time = new FakeHostTime(workMs);
  const control = new Control();
  const input$ = new Subject<MachineEvent>();
  const events: PositionedEvent[] = [];
  const sink = memorySink();
  const stops: Stopped[] = [];
  control.stopped$.subscribe((stopped) => stops.push(stopped));
  wired(machine, [() => input$], { time, control, untilIcount })
    .pipe(record(machine, sink, header))
    .subscribe((event) => events.push(event));
  return {
    control,
    time,
    offer: (event) => {
      input$.next(event);
    },
    events,
    bytes: () => sink.bytes(),
    stops,
  };
};

const TICKS_A_MS = 10_000;

// Negative control, tried once: with `goOn` leaving `wakeAtMs` and `sleepingSinceMs` as they were, the guest's clock
// jumps to its deadline where the input comes in the middle of the sleep, and the logs differ.
test("given a recording of a guest that sleeps, when it is held in its sleep for an hour, then the log is the same, byte by byte", () => {
  const logs = [0, 3_600_000].map((heldMs) => {
    const { control, time, bytes, offer } = session(ticking(10 * TICKS_A_MS), 60);
    for (let turn = 0; turn < 30; turn += 1) {
      time.pass(4);
      if (heldMs > 0) {
        void control.pause();
        assert.ok(control.isPaused || control.hasEnded);
        time.pass(heldMs);
        if (!control.hasEnded) readEverything(control);
        control.resume();
      }
      // Input in the middle of a sleep shows how far the guest's clock has come.
      if (turn % 3 === 1) offer({ type: "uart16550/byteReceived", byte: 65 });
      time.turn();
    }
    assert.ok(openRecording(bytes(), { images: { kernel: ticking(10 * TICKS_A_MS) } }).info.complete);
    return bytes();
  });
  assert.is(Buffer.compare(logs[0] ?? new Uint8Array(), logs[1] ?? new Uint8Array(1)), 0);
});

test("given input while a machine is held, then it waits, and is taken when it goes on", async () => {
  const { control, time, offer, events } = session(echoing(), 10_000_000, 8);
  void control.pause();
  time.turn();
  assert.ok(control.isPaused);
  offer({ type: "uart16550/byteReceived", byte: 65 });
  time.turn();
  assert.is(events.length, 0);
  const echoed = control.runUntil({ text: "A" });
  for (let turn = 0; turn < 4; turn += 1) time.turn();
  const { cause, position } = await echoed;
  assert.is(cause, "reached");
  assert.equal(position.seq, 1);
  const before = control.state();
  assert.equal(await control.step(3), { cause: "reached", position: { seq: 1, icount: position.icount + 3 } });
  assert.is(before.position.icount, position.icount);
});

test("given a held machine, when it is switched off, then it goes off", () => {
  const { control, time, offer, events } = session(echoing(), 10_000_000, 8);
  void control.pause();
  time.turn();
  offer({ type: "machine/shutdown", cause: "host", code: 0 });
  assert.is(events.at(-1)?.event.type, "machine/shutdown");
  assert.ok(control.hasEnded);
});

test("given a predicate over states, then the run stops at the first instruction where it holds", async () => {
  const { machine } = openMachine(demoOptions);
  const control = new Control({ paused: true });
  const subscription = wired(machine, [], { control, sleep: false }).subscribe();
  const { position } = await control.runUntil({ state: ({ harts }) => (harts[0]?.x[2] ?? 0n) !== 0n });
  assert.ok(position.icount > 0);
  assert.is(control.state().harts[0]?.x[2] === 0n, false);
  subscription.unsubscribe();
  const other = openMachine(demoOptions).machine;
  other.run(position.icount - 1);
  assert.is(other.state().harts[0]?.x[2], 0n);
});

test("given a run that ends before the place, then that is what is answered", async () => {
  const recording = openRecording(SESSION);
  const control = new Control({ paused: true });
  recording.replay$(recording.openMachine(), undefined, { control }).subscribe();
  assert.is((await control.runUntil({ text: "what no guest prints" })).cause, "ended");
  assert.is((await control.step()).cause, "ended");
});

const endless = (control: Control) => {
  const { machine } = openMachine({ memory: "2M", kernel: ticking(1_000_000), seed: "test" });
  return { machine, run$: wired(machine, [() => EMPTY], { sleep: false, control }) };
};

test("given a command that another one overrules, then its promise says so", async () => {
  const control = new Control();
  const subscription = endless(control).run$.subscribe();
  const paused = control.pause();
  control.resume();
  assert.is((await paused).cause, "overruled");
  const far = control.runUntil({ insns: 1e12 });
  control.resume();
  assert.is((await far).cause, "overruled");
  const farther = control.runUntil({ insns: 1e12 });
  const [first, second] = [control.pause(), control.pause()];
  assert.is((await farther).cause, "overruled");
  assert.equal(await first, await second);
  assert.is((await first).cause, "paused");
  subscription.unsubscribe();
});

/** A host whose every turn is over at its first look at the clock, however fast the machine is that this runs on. */
const hurried = (): HostTime => {
  let nowMs = 0;
  return { ...hostTime, monotonicMs: () => (nowMs += 1000) };
};

test("given a run that is left, when a command waits or comes later, then it is told, live and on replay", async () => {
  const recording = openRecording(SESSION);
  for (const runOf of [
    (control: Control): Observable<unknown> => endless(control).run$,
    (control: Control): Observable<unknown> =>
      recording.replay$(recording.openMachine(), undefined, { control, time: hurried() }),
  ]) {
    const control = new Control({ paused: true });
    const subscription = runOf(control).subscribe();
    const waiting = control.runUntil({ text: "what no guest prints" });
    subscription.unsubscribe();
    assert.is((await waiting).cause, "unsubscribed");
    assert.is((await control.step()).cause, "unsubscribed");
    const within = new Control({ paused: true });
    const taken = lastValueFrom(runOf(within).pipe(take(3)));
    const never = within.runUntil({ text: "what no guest prints" });
    await taken;
    assert.is((await never).cause, "unsubscribed");
  }
});

test("given a run that fails, when a command waits, then it is told by what", async () => {
  const control = new Control({ paused: true });
  const { machine } = endless(control);
  const fault = new Error("a backend's");
  const input$ = new Subject<MachineEvent>();
  wired(machine, [() => input$], { control }).subscribe({ error: () => undefined });
  const waiting = control.runUntil({ insns: 1e12 });
  input$.error(fault);
  const stopped = await waiting;
  assert.is(stopped.cause, "failed");
  assert.is(stopped.cause === "failed" ? stopped.fault : undefined, fault);
});

test("given a control whose run is over, when it is given another, then it holds that; of two at once it refuses one", async () => {
  const control = new Control({ paused: true });
  const { run$, machine } = endless(control);
  const left = run$.subscribe();
  await control.step(10);
  const refused: unknown = await lastValueFrom(wired(endless(control).machine, [], { control })).catch(
    (error: unknown) => error,
  );
  assert.match((refused as Error).message, /give each run a control of its own/);
  assert.not(control.hasEnded);
  left.unsubscribe();
  const subscription = run$.subscribe();
  const { cause, position } = await control.pause();
  assert.is(cause, "paused");
  assert.equal(position, machine.position);
  subscription.unsubscribe();
});

test("given a machine that control after control holds, then what heard its effects before hears each once", async () => {
  const recording = openRecording(SESSION);
  const machine = recording.openMachine();
  const reset = machine.state();
  const heard: number[] = [];
  let effects = 0;
  machine.listen(() => {
    effects += 1;
  });
  for (let turn = 0; turn < 3; turn += 1) {
    machine.load(reset);
    await lastValueFrom(recording.replay$(machine, undefined, { control: new Control() }));
    heard.push(effects);
  }
  assert.ok(effects > 0);
  assert.equal(
    heard,
    [1, 2, 3].map((turn) => (effects / 3) * turn),
  );
});

// Negative control, tried once: without silence while the machine runs ahead, the guest's text came twice.
test("given a condition looked at now and then, when the machine runs ahead and goes back, then its effects are heard once, and it ends as ever", async () => {
  const recording = openRecording(SESSION);
  const heard = async (control?: Control): Promise<{ console: string; hash: bigint }> => {
    const machine = recording.openMachine();
    let console = "";
    machine.listen((effect) => {
      if (effect.type === "console/transmitted") console += Buffer.from(effect.bytes).toString("latin1");
    });
    const options = control === undefined ? {} : { control, time: hurried() };
    const done = lastValueFrom(recording.replay$(machine, undefined, options));
    const seen = await control?.runUntil({ present: ({ position }) => position.icount >= 100_000, every: 777 });
    if (seen !== undefined) assert.is(seen.position.icount, 100_000);
    control?.resume();
    await done;
    return { console, hash: machine.hash() };
  };
  const plain = await heard();
  assert.ok(plain.console.length > 100);
  assert.equal(await heard(new Control({ paused: true })), plain);
});

test.run();
