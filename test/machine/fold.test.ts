// The fold refuses what the machine would not have had, and names the one field that differs.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Divergence } from "../../src/machine/divergence.js";
import { fold } from "../../src/machine/checked-fold.js";
import { EVENTS, rowOf, type MachineEvent } from "../../src/reducers/events.js";
import type { GivenPositioned } from "../../src/reducers/stream-event.js";
import type { Machine } from "../../src/machine/machine.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { replay } from "../../src/streams/past/replayer.js";

test("given a machine that is off, when an event comes that it would take at any other time, then it diverges", () => {
  const recording = openRecording("logs/panic.fold");
  for (const event of [
    { type: "machine/reset", cause: "host-reset" },
    { type: "machine/shutdown", cause: "host-ui", code: 0 },
  ] as const satisfies readonly MachineEvent[]) {
    const machine = recording.openMachine();
    replay(machine, recording.log);
    const { seq, icount } = machine.position;
    assert.ok(machine.ended !== undefined && machine.ended !== null);
    const hash = machine.hash();
    try {
      fold(machine, { seq: seq + 1, icount, event });
      assert.unreachable(event.type);
    } catch (fault) {
      assert.instance(fault, Divergence);
      assert.match(String(fault), "a machine that is off");
    }
    assert.is(machine.hash(), hash, "it is left where it was");
  }
});

interface Case {
  readonly field: string;
  readonly recording: string;
  readonly type: MachineEvent["type"];
  /** The same event but for this one field; it stands at the event's position unless it says otherwise. */
  readonly other: Partial<Record<"seq" | "icount", (recorded: number) => number>> & {
    readonly event?: Readonly<Record<string, unknown>>;
    readonly hash?: (recorded: bigint) => bigint;
  };
  /** The instruction at the event's position has begun, and asks. */
  readonly isTried?: true;
  readonly expected: RegExp;
  readonly actual: RegExp;
}

const TIMER = { recording: "logs/panic.fold", type: "clint/timerFired" } as const;
const BYTE = { recording: "logs/race-passes.fold", type: "uart16550/byteReceived" } as const;

const CASES: readonly Case[] = [
  { field: "seq", ...TIMER, other: { seq: (seq) => seq + 1 }, expected: /^\d+$/, actual: /^\d+$/ },
  { field: "seq", ...BYTE, other: { seq: (seq) => seq - 1 }, expected: /^\d+$/, actual: /^\d+$/ },
  {
    field: "icount",
    ...TIMER,
    other: { icount: (icount) => icount + 1 },
    expected: /^clint\/timerFired at icount \d+$/,
    actual: /^clint\/timerFired is due at icount \d+$/,
  },
  {
    field: "type",
    ...TIMER,
    other: { event: { type: "uart16550/byteReceived", byte: 65 } },
    expected: /^uart16550\/byteReceived$/,
    actual: /^clint\/timerFired, which is due$/,
  },
  {
    field: "type",
    ...BYTE,
    other: { event: { type: "clint/timerFired", hart: 0 } },
    expected: /^clint\/timerFired$/,
    actual: /^a state in which nothing is due/,
  },
  {
    field: "type",
    ...BYTE,
    other: { event: { type: "virtioRng/entropyProvided", slot: 0, bytes: new Uint8Array(8) } },
    expected: /^virtioRng\/entropyProvided slot 0, bytes of 8 bytes$/,
    actual: /^a state that can't take it/,
  },
  {
    field: "type",
    recording: "logs/clock.fold",
    type: "goldfishRtc/hostClockRead",
    isTried: true,
    other: { event: { type: "uart16550/byteReceived", byte: 65 } },
    expected: /^uart16550\/byteReceived$/,
    actual: /^a guest that waits for goldfishRtc\/hostClockRead$/,
  },
  { field: "hart", ...TIMER, other: { event: { hart: 1 } }, expected: /^1$/, actual: /^0$/ },
  {
    field: "id",
    recording: "logs/virtio.fold",
    type: "bottomHalf/ran",
    other: { event: { id: "elsewhere" } },
    expected: /^elsewhere$/,
    actual: /^virtio/,
  },
  {
    field: "cause",
    recording: "logs/session.fold",
    type: "machine/reset",
    other: { event: { cause: "host-reset" } },
    expected: /^host-reset$/,
    actual: /^guest-reset$/,
  },
  {
    field: "cause",
    recording: "logs/panic.fold",
    type: "machine/shutdown",
    other: { event: { cause: "guest-shutdown" } },
    expected: /^guest-shutdown$/,
    actual: /^guest-panic$/,
  },
  {
    field: "code",
    recording: "logs/session.fold",
    type: "machine/shutdown",
    other: { event: { code: 3 } },
    expected: /^3$/,
    actual: /^0$/,
  },
  {
    field: "hash",
    recording: "logs/panic.fold",
    type: "checkpoint/hashed",
    other: { hash: (hash) => hash ^ (1n << 63n) },
    expected: /^0x[0-9a-f]{16}$/,
    actual: /^0x[0-9a-f]{16}$/,
  },
];

/** A machine right before the first event of the type, and that event. */
function before({ recording: path, type }: Case): { readonly machine: Machine; readonly positioned: GivenPositioned } {
  const recording = openRecording(path);
  const machine = recording.openMachine();
  for (const positioned of recording.log.events()) {
    if (positioned.event.type === type) return { machine, positioned };
    fold(machine, positioned);
  }
  throw new Error(`${path} has no ${type}`);
}

const changed = ({ seq, icount, event }: GivenPositioned, { other }: Case): GivenPositioned => ({
  seq: other.seq?.(seq) ?? seq,
  icount: other.icount?.(icount) ?? icount,
  event: {
    ...(other.event !== undefined && "type" in other.event ? {} : event),
    ...(event.type === "checkpoint/hashed" ? { hash: other.hash?.(event.hash) } : {}),
    ...other.event,
  } as unknown as MachineEvent,
});

for (const one of CASES) {
  const { recording, type, field, expected, actual } = one;
  test(`given ${type} of ${recording} with another ${field} (${String(actual)}), then the divergence names it, and the recorded event is taken`, () => {
    const { machine, positioned } = before(one);
    if (one.isTried === true) machine.run(positioned.icount + 1);
    try {
      fold(machine, changed(positioned, one));
      assert.unreachable("it was taken");
    } catch (fault) {
      assert.instance(fault, Divergence, String(fault));
      const divergence = fault as Divergence;
      assert.is(divergence.field, field);
      assert.match(divergence.expected, expected);
      assert.match(divergence.actual, actual);
      assert.is(divergence.icount, machine.position.icount);
      for (const part of [field, divergence.expected, divergence.actual]) assert.match(divergence.message, part);
    }
    fold(machine, positioned);
    assert.equal(machine.position, { seq: positioned.seq, icount: positioned.icount });
  });
}

test("given each field of each event that a state predicts, then there is a case of it above", () => {
  const predicted = Object.entries(EVENTS).filter(([, { origin }]) => origin === "predicted");
  for (const [type] of predicted) {
    for (const field of Object.keys(rowOf(type as MachineEvent["type"]).payload)) {
      assert.ok(
        CASES.some((one) => one.type === type && one.field === field),
        `${type} ${field}`,
      );
    }
  }
});

test.run();
