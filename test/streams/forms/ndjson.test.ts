/** NDJSON, held against JSON.stringify: the same text for every type of event, and for what questions find. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { EVENTS, type EventType } from "../../../src/reducers/events.js";
import { Bytes, Text, U64 } from "../../../src/reducers/scalars.js";
import type { StreamEvent } from "../../../src/reducers/stream-event.js";
import { eventLine, rowLine } from "../../../src/streams/forms/ndjson.js";
import { output, traps } from "../../../src/streams/past/query/index.js";
import { rows } from "../../../src/streams/rows/index.js";
import { eventRow } from "../../../src/streams/rows/row.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";
import { toJson } from "../../../src/streams/store/log/index.js";

const sampleOf = (scalar: unknown, name: string): unknown => {
  if (scalar === U64) return 2n ** 63n + 1n;
  if (scalar === Bytes) return Uint8Array.of(0, 15, 255);
  if (scalar === Text) return name === "cause" ? 'a \u2028 "quoted"\n cause' : "x";
  return 1;
};

/** One of each type, with awkward values; no guest ever had them. */
const EACH = Object.entries(EVENTS).map(([type, { payload }], index) => {
  const members = Object.entries(payload).map(([name, scalar]) => [name, sampleOf(scalar, name)]);
  const place = { seq: index + 1, icount: 2 ** 53 - 1, ns: 2n ** 63n - 1n };
  return { ...place, type: type as EventType, ...Object.fromEntries(members) } as StreamEvent;
});

const stringified = (row: object): string =>
  JSON.stringify(row, (_name, value: unknown) => {
    if (typeof value === "bigint") return value.toString();
    return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
  });

test("given an event of each type, when its line is made, then it is what JSON.stringify makes of the row", () => {
  for (const event of EACH) {
    for (const hart of [undefined, 0, 3]) {
      const row = eventRow(event, hart);
      assert.is(rowLine(row), stringified(row));
    }
    assert.is(eventLine(event), stringified(event));
    assert.is(eventLine(event, '"time":"1.5",'), stringified({ time: "1.5", ...event }));
  }
});

test("given recorded events, when their lines are made, then they are what toJson says", () => {
  for (const file of ["session", "virtio", "clock", "race-fails", "panic"])
    for (const event of openRecording(`logs/${file}.fold`).eventsFrom())
      assert.is(eventLine(event), JSON.stringify(toJson(event)));
});

test("given what questions find, when its lines are made, then they too are what JSON.stringify makes", async () => {
  const recording = openRecording("logs/race-fails.fold");
  let found = 0;
  for await (const row of rows(recording, { questions: { output: output(recording), traps: traps(recording) } })) {
    assert.is(rowLine(row), stringified(row));
    if (row.kind === "traps") found += 1;
  }
  assert.ok(found > 0);
});

test.run();
