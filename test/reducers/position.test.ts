// A seq, an icount and a virtual time do not pass for each other: the compiler refuses what is marked here, and a mark
// that it does not need is an error too. A program's plain numbers are taken, and checked.
import { isRight, type Either } from "fp-ts/lib/Either.js";
import type * as t from "io-ts";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { openMachine, openRecording, OptionError, replay, toJson, fold } from "../../src/index.js";
import { Icount, Position, positionOf, Seq, VirtualNs } from "../../src/reducers/position.js";
import type { PositionedEvent } from "../../src/reducers/events.js";
import { spinning } from "../support/tiny-guests.js";

test("given a position, when its parts change places, then it does not compile", () => {
  const { seq, icount } = positionOf(2, 5);
  const right: Position = { seq, icount };
  // @ts-expect-error An icount is no seq.
  const wrongSeq: Position = { seq: icount, icount };
  // @ts-expect-error A seq is no icount.
  const wrongIcount: Position = { seq, icount: seq };
  // @ts-expect-error Nobody has checked a plain number.
  const unchecked: Position = { seq: 2, icount };
  // @ts-expect-error The same in an event.
  const event: PositionedEvent = { seq: icount, icount, event: { type: "uart16550/byteReceived", byte: 65 } };
  // @ts-expect-error Ns of any clock are not yet the virtual clock's.
  const ns: VirtualNs = 5n;
  assert.equal(right, { seq: 2, icount: 5 });
  assert.equal(
    [wrongSeq, wrongIcount, unchecked],
    [
      { seq: 5, icount: 5 },
      { seq: 2, icount: 2 },
      { seq: 2, icount: 5 },
    ],
  );
  assert.is(event.seq, 5);
  assert.is(ns, 5n);
});

test("given plain numbers, when a program says a position by them, then they are taken, or refused by name", () => {
  const recording = openRecording("logs/session.fold");
  assert.equal(recording.at({ icount: 5 }).position, { seq: 0, icount: 5 });
  assert.is(replay(recording, { until: 5 }).position.icount, 5);
  assert.is(replay(recording, { until: { seq: 1 } }).position.seq, 1);
  const { machine } = openMachine({ memory: "2M", kernel: spinning(), seed: "test" });
  fold(machine, { seq: 1, icount: 7, event: { type: "uart16550/byteReceived", byte: 65 } });
  machine.run(9);
  fold(machine, { seq: 2, icount: 9, type: "checkpoint/hashed", hash: machine.hash() });
  assert.equal(machine.position, { seq: 2, icount: 9 });
  assert.is(toJson({ seq: 1, icount: 7, ns: 7n, type: "uart16550/byteReceived", byte: 65 }).ns, "7");
  assert.throws(
    () => {
      fold(machine, { seq: 3, icount: 9.5, type: "uart16550/byteReceived", byte: 66 });
    },
    (fault: unknown) => fault instanceof OptionError && fault.option === "icount",
  );
});

test("given what is decoded as a position, then it has whole numbers from 0 to 2^53 - 1, and a time 64 bits", () => {
  for (const [codec, taken, refused] of [
    [Seq, [0, 1, Number.MAX_SAFE_INTEGER], [-1, 0.5, Number.MAX_SAFE_INTEGER + 1, "1", 1n]],
    [Icount, [0, 1, Number.MAX_SAFE_INTEGER], [-1, 0.5, Number.MAX_SAFE_INTEGER + 1, "1", 1n]],
    [VirtualNs, [0n, (1n << 64n) - 1n], [-1n, 1n << 64n, 0, "1"]],
  ] as const satisfies readonly (readonly [t.Mixed, readonly unknown[], readonly unknown[]])[]) {
    const takes = (value: unknown): boolean => isRight(codec.decode(value) as Either<unknown, unknown>);
    for (const value of taken) assert.ok(takes(value), `${codec.name} ${String(value)}`);
    for (const value of refused) assert.not(takes(value), `${codec.name} ${String(value)}`);
  }
  assert.not(isRight(Position.decode({ seq: 1 })));
});

test.run();
