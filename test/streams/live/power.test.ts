// Reset and shutdown with their causes: each is an event at a place, and its replay comes to the same state.
import { Subject } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { HostCause } from "../../../src/reducers/power.js";
import type { PositionedEvent } from "../../../src/reducers/events.js";
import type { Machine } from "../../../src/machine/machine.js";
import { hostClock } from "../../../src/streams/live/backends/host-clock.js";
import { powerSwitch } from "../../../src/streams/live/backends/power-switch.js";
import { memorySink } from "../../../src/streams/store/log/index.js";
import { openMachine } from "../../../src/streams/session/machine-options.js";
import { record } from "../../../src/streams/live/recorder.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { wired } from "../../../src/streams/live/run.js";
import { FakeHostTime } from "../../support/fake-host-time.js";
import { finishing, readingTheTimeInAHandler, ticking } from "../../support/tiny-guests.js";

interface Session {
  readonly machine: Machine;
  readonly time: FakeHostTime;
  readonly events: PositionedEvent[];
  readonly off$: Subject<HostCause>;
  readonly reset$: Subject<void>;
  readonly turns: () => void;
  /** Replays what was recorded, and compares the end. */
  readonly verify: () => void;
  readonly cause: () => string | null;
}

const session = (kernel: Uint8Array, { hasClock = true } = {}): Session => {
  const { machine, header } = openMachine({ memory: "2M", kernel, seed: "power" });
  const time = new FakeHostTime(8);
  const sink = memorySink();
  const [off$, reset$] = [new Subject<HostCause>(), new Subject<void>()];
  const events: PositionedEvent[] = [];
  wired(machine, [powerSwitch({ off$, reset$ }), ...(hasClock ? [hostClock(time)] : [])], { time })
    .pipe(record(machine, sink, header))
    .subscribe((event) => events.push(event));
  const recording = (): ReturnType<typeof openRecording> => openRecording(sink.bytes(), { images: { kernel } });
  return {
    machine,
    time,
    events,
    off$,
    reset$,
    turns: () => {
      for (let turn = 0; turn < 5; turn += 1) time.turn();
    },
    verify: () => {
      assert.is(recording().at().history, machine.state().history);
    },
    cause: () => recording().info.cause,
  };
};

const causes = (events: readonly PositionedEvent[]): string[] =>
  events.flatMap(({ event }) => ("cause" in event ? [`${event.type} ${event.cause}`] : []));

test("given a guest that stores to the test finisher, then what it stored is the cause", () => {
  for (const [value, cause, code] of [
    [0x5555n, "guest-shutdown", 0],
    [0x7_3333n, "guest-panic", 7],
    [0x3333n, "guest-panic", 0],
  ] as const) {
    const { machine, verify, cause: recorded } = session(finishing(value));
    assert.equal(machine.ended, { cause, code });
    assert.is(recorded(), cause);
    verify();
  }
});

test("given a guest that resets itself, then the cause is the guest's, and its replay resets there too", () => {
  const { events, off$, turns, verify } = session(finishing(0x7777n));
  turns();
  off$.next("host-quit");
  turns();
  assert.equal(causes(events).slice(0, 2), ["machine/reset guest-reset", "machine/reset guest-reset"]);
  verify();
});

test("given a host that resets the machine, then the guest starts anew, its clock goes on, and a replay does the same", () => {
  const { machine, events, reset$, off$, time, turns, verify, cause } = session(ticking(30_000));
  time.pass(3);
  assert.ok(machine.state().harts[0]!.x[9]! > 0n, "the guest counted");
  const before = machine.virtualNs;
  time.pass(1);
  reset$.next();
  turns();
  assert.ok(machine.virtualNs >= before + 1_000_000n);
  assert.equal(causes(events), ["machine/resetRequested host-reset", "machine/reset host-reset"]);
  const [request, reset] = events.filter(({ event }) => "cause" in event);
  assert.equal(reset!, { seq: request!.seq + 1, icount: request!.icount, event: reset!.event });
  time.pass(3);
  reset$.next();
  reset$.next();
  off$.next("host-ui");
  turns();
  assert.is(machine.ended?.cause, "host-ui");
  assert.is(cause(), "host-ui");
  verify();
});

// Negative control, tried once: red if `admitOne` gives no reading before it lets the power switch in: the replay then
// stands before the trap.
test("given a guest that waits for the time right after a trap, when it is switched off or reset, then a replay ends in the same state", () => {
  for (const act of ["off", "reset"] as const) {
    const { events, off$, reset$, time, turns, verify } = session(readingTheTimeInAHandler(), { hasClock: false });
    time.pass(50);
    turns();
    assert.is(events.at(-1)?.event.type, "clint/timerFired");
    if (act === "reset") reset$.next();
    off$.next("host-signal");
    turns();
    assert.is(events.at(-1)?.event.type, "machine/shutdown");
    verify();
  }
});

test.run();
