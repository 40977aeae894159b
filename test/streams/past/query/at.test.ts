// A moment is meant in many ways; each leads to one place.
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { OptionError } from "../../../../src/options/option-error.js";
import { PlaceError } from "../../../../src/streams/past/names/place-error.js";
import { at, output, writes, type When } from "../../../../src/streams/past/query/index.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";

const LOG = fileURLToPath(new URL("../../../../logs/race-fails.fold", import.meta.url));
const recording = openRecording(LOG);
const events = [...recording.eventsFrom()];
const placeOf = (when?: When): string => {
  const { seq, icount } = at(recording, when);
  return `${String(seq)} ${String(icount)}`;
};

test("given an icount, a seq, both or nothing, then that is the moment", () => {
  assert.is(at(recording, 100_000).icount, 100_000);
  const event = events[5]!;
  assert.is(placeOf({ seq: event.seq }), `${String(event.seq)} ${String(event.icount)}`);
  assert.is(placeOf(event), `${String(event.seq)} ${String(event.icount)}`);
  assert.is(placeOf({ seq: event.seq, icount: event.icount + 1 }), `${String(event.seq)} ${String(event.icount + 1)}`);
  assert.is(at(recording).icount, recording.info.instructions);
});

test("given a row of an answer or another moment, then it is there, and the state is the one of its position", () => {
  const row = writes(recording, { of: "link", until: 3_000_000 }).last()!;
  const moment = at(recording, row);
  assert.is(placeOf(row), `${String(row.seq)} ${String(row.icount)}`);
  assert.is(moment.pc, row.pc);
  assert.is(moment.function, row.function);
  assert.is(moment.ns, row.ns);
  assert.is(String(moment), `seq ${String(row.seq)} icount ${String(row.icount)}, in ${String(row.function)}`);
  assert.is(inspect(moment), `Moment { ${String(moment)} }`);
  assert.equal(JSON.parse(JSON.stringify(moment)), {
    seq: row.seq,
    icount: row.icount,
    ns: String(row.ns),
  });
  assert.is(placeOf(moment), placeOf(row));
});

test("given a time, then it is the first instant at which the virtual clock has come so far", () => {
  for (const ns of [0n, 1n, 123_457n, events[3]!.ns, events[3]!.ns + 1n, events.at(-1)!.ns]) {
    const moment = at(recording, { ns });
    assert.ok(moment.ns >= ns, `${String(moment.ns)} >= ${String(ns)}`);
    if (moment.icount === 0) continue;
    const before = at(recording, moment.icount - 1);
    assert.ok(before.ns < ns || before.icount === moment.icount, `${String(before.ns)} < ${String(ns)}`);
  }
  assert.throws(() => at(recording, { ns: 10n ** 18n }), /ends before its virtual clock/);
});

test("given a text, then a console is about to print the end of it", () => {
  const line = output(recording, { of: "FAIL" }).first()!;
  const moment = at(recording, { text: "FAIL" });
  assert.ok(moment.icount <= line.icount);
  assert.ok(moment.icount > line.icount - 100_000);
  assert.is(placeOf({ text: /FA.L/ }), placeOf(moment));
  assert.throws(() => at(recording, { text: "no such words" }), /no console prints "no such words"/);
});

test("given a kind of event, then it is right after the first", () => {
  const event = events.find(({ type }) => type === "uart16550/byteReceived")!;
  assert.is(at(recording, { event: "uart16550/byteReceived" }).seq, event.seq);
  assert.is(at(recording, { event: "uart16550/*" }).seq, events.find(({ type }) => type.startsWith("uart16550/"))!.seq);
  assert.is(
    at(recording, { event: ({ icount }) => icount > 50_000 }).seq,
    events.find((one) => one.icount > 50_000)!.seq,
  );
  assert.throws(() => at(recording, { event: "uart16550/byteRecieved" as never }), /is uart16550\/byteReceived meant/);
});

test("given anything else, then it is an error that says what a moment is", () => {
  for (const when of ["end", 1.5, -1, {}, { when: 3 }, { ns: -1 }, { text: 3 }, { event: 3 }, null, { seq: "3" }]) {
    assert.throws(
      () => at(recording, when as never),
      (fault: Error) => fault.name === "OptionError",
      JSON.stringify(when),
    );
  }
  assert.throws(
    () => at(recording, "end" as never),
    /^at "end": expected an icount, { seq }.*; left out, it is the end$/,
  );
});

test("given a moment, when it is asked, then it reads memory and registers by name, and tells the calls", () => {
  const moment = at(recording, writes(recording, { of: "link+260" }).first());
  assert.is(moment.read("$pc"), moment.pc);
  assert.is(BigInt(moment.text("link.head")), moment.read("link.head"));
  assert.is(moment.read("pc"), moment.pc);
  assert.is(moment.read("$sp"), moment.state.harts[0]!.x[2]);
  assert.is(typeof moment.read("console_idles"), "bigint");
  assert.is(moment.stack().find(({ isInlined }) => !isInlined)?.function, moment.function);
  assert.throws(() => moment.read("console_idels"), /nearest are console_idles/);
});

test("given what is no place, when a moment is read, then it is refused in words", () => {
  const moment = at(recording, 100_000);
  const wrong = [undefined, null, 1.5, NaN, {}, [], true, Symbol("x"), new Date(0), /x/, () => 1, { address: -1 }];
  for (const place of wrong)
    assert.throws(
      () => moment.read(place as never),
      (error: unknown) =>
        error instanceof OptionError && /^read: place .*: expected a symbol's name, an address, or/.test(error.message),
    );
});

test("given a name of very many letters, when it is read, then the message has its beginning", () => {
  const moment = at(recording, 100_000);
  assert.throws(
    () => moment.read("x".repeat(100_000)),
    (error: unknown) => error instanceof PlaceError && error.message.length < 1000 && error.message.includes("xxx…"),
  );
});

test.run();
