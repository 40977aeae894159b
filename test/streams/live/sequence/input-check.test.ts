// What a backend emits: an input of this machine goes in, anything else fails the run by name.
import { concat, EMPTY, NEVER, of, type Observable } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { MachineEvent } from "../../../../src/reducers/events.js";
import { run } from "../../../../src/streams/live/run.js";
import { InputError } from "../../../../src/streams/live/sequence/input-check.js";
import { openMachine } from "../../../../src/streams/session/machine-options.js";
import { FakeHostTime } from "../../../support/fake-host-time.js";
import { echoing, ticking } from "../../../support/tiny-guests.js";

interface Outcome {
  readonly fault: unknown;
  readonly types: readonly string[];
}

/** With a network card in slot 0, and none in the others. */
const emitting = (emitted: unknown, kernel = ticking(10_000)): Outcome => {
  const { machine } = openMachine({ memory: "2M", kernel, seed: "test", nics: [{}] });
  const types: string[] = [];
  let fault: unknown;
  const backend = (): Observable<MachineEvent> => concat(of(emitted as MachineEvent), NEVER);
  run(machine, [backend, () => EMPTY], { time: new FakeHostTime(0), sleep: false, untilIcount: 200 }).subscribe({
    next: ({ type }) => types.push(type),
    error: (error: unknown) => (fault = error),
  });
  return { fault, types };
};

const frame = new Uint8Array(60);

for (const [what, emitted, field, message] of [
  ["null", null, "type", /^a backend emits null, which is no event: it has no type$/],
  ["nothing", undefined, "type", /emits undefined, which is no event/],
  ["a number", 65, "type", /emits a value of type number/],
  ["a text", "uart16550/byteReceived", "type", /emits a value of type string/],
  ["bytes", frame, "type", /emits a value of type object/],
  ["an event without a type", { byte: 1 }, "type", /which is no event/],
  ["an unknown type", { type: "uart16550/byteRecieved", byte: 1 }, "type", /knows no event "uart16550\/byteRecieved"/],
  ["a type that each object has", { type: "toString" }, "type", /knows no event "toString"/],
  [
    "a byte of 300",
    { type: "uart16550/byteReceived", byte: 300 },
    "byte",
    /byteReceived, byte: .*integer from 0 to 255/,
  ],
  ["a byte that is none", { type: "uart16550/byteReceived", byte: NaN }, "byte", /byte: /],
  ["no byte", { type: "uart16550/byteReceived" }, "byte", /byte: /],
  ["one field too many", { type: "uart16550/byteReceived", byte: 1, slot: 0 }, "slot", /slot: .*no such member/],
  ["a warp back", { type: "clock/warped", byNs: -1n }, "byNs", /clock\/warped, byNs: .*64-bit/],
  ["a warp that is no bigint", { type: "clock/warped", byNs: 5 }, "byNs", /clock\/warped, byNs: /],
  ["a frame that is a text", { type: "virtioNet/frameReceived", slot: 0, frame: "x" }, "frame", /frame: .*Uint8Array/],
  [
    "a slot of another device",
    { type: "virtioNet/frameReceived", slot: 7, frame },
    "slot",
    /slot: 7: the machine has no/,
  ],
  ["a slot that none has", { type: "virtioNet/frameReceived", slot: 255, frame }, "slot", /slot: 255: the machine has/],
  ["a timer", { type: "clint/timerFired", hart: 0 }, "type", /clint\/timerFired, which is no input/],
  ["a reset that nobody asked for", { type: "machine/reset", cause: "x" }, "type", /machine\/reset, which is no input/],
  ["a state hash", { type: "checkpoint/hashed", hash: 0n }, "type", /checkpoint\/hashed, which is no input/],
  ["deferred work", { type: "bottomHalf/ran", id: "x" }, "type", /bottomHalf\/ran, which is no input/],
  ["a guest's shutdown", { type: "machine/shutdown", cause: "guest-panic", code: 1 }, "cause", /is a guest's/],
  ["a shutdown without a cause", { type: "machine/shutdown", code: 0 }, "cause", /machine\/shutdown, cause: /],
] as const)
  test(`given a backend that emits ${what}, then the run fails with its event and field, and nothing goes in`, () => {
    const { fault, types } = emitting(emitted);
    if (!(fault instanceof InputError)) throw fault;
    assert.is(fault.code, "INVALID_INPUT");
    assert.is(fault.field, field);
    assert.is(fault.event, emitted);
    assert.match(fault.message, message);
    assert.equal(types, []);
  });

test("given a backend that emits an input or a host's shutdown, then it goes in", () => {
  const typed = emitting({ type: "uart16550/byteReceived", byte: 255 }, echoing());
  assert.is(typed.fault, undefined);
  assert.ok(typed.types.includes("uart16550/byteReceived"));
  const off = emitting({ type: "machine/shutdown", cause: "host-quit", code: 0 });
  assert.is(off.fault, undefined);
  assert.equal(off.types.slice(-1), ["machine/shutdown"]);
  assert.equal(emitting({ type: "machine/resetRequested", cause: "host-reset" }).types.slice(0, 2), [
    "machine/resetRequested",
    "machine/reset",
  ]);
});

test.run();
