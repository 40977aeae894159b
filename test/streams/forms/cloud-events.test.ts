/** CloudEvents, judged by their official SDK: it parses and validates each, in every mode of the HTTP binding. */
import { CloudEvent as SdkEvent, HTTP } from "cloudevents";
import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  batchMessage,
  binaryMessage,
  structuredMessage,
  toCloudEvents,
  type CloudEvent,
  type CloudEventMessage,
} from "../../../src/streams/forms/index.js";
import { rowLine } from "../../../src/streams/forms/ndjson.js";
import { output, traps } from "../../../src/streams/past/query/index.js";
import { rows, type StreamRow } from "../../../src/streams/rows/index.js";
import { openRecording } from "../../../src/streams/session/open-recording.js";

const RECORDING = openRecording("logs/race-fails.fold");
const QUESTIONS = { output: output(RECORDING), traps: traps(RECORDING) };
const SOURCE = 'urn:foldvm:"é% 1';

const allOf = async <T>(source: AsyncIterable<T>): Promise<readonly T[]> => {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
};

const events = await allOf(toCloudEvents(rows(RECORDING, { questions: QUESTIONS }), { source: "urn:foldvm:race" }));
const told = await allOf<StreamRow>(rows(RECORDING, { questions: QUESTIONS }));

/** As its server gets it: header names in lower case. */
const parsed = ({ headers, body }: CloudEventMessage): readonly SdkEvent<unknown>[] => {
  const got = HTTP.toEvent<unknown>({ headers: { ...headers }, body });
  return (Array.isArray(got) ? got : [got]) as unknown as readonly SdkEvent<unknown>[];
};

const requireSame = (sdk: SdkEvent<unknown> | undefined, event: CloudEvent | undefined): void => {
  assert.ok(sdk !== undefined && sdk.validate());
  for (const name of ["id", "source", "type", "specversion", "datacontenttype", "sequence"] as const)
    assert.equal(sdk[name], event?.[name], name);
  assert.equal(sdk.data, event?.data);
};

test("given a recording's rows, when they are CloudEvents, then the SDK takes each in structured and binary mode", () => {
  assert.is(events.length, told.length);
  for (const event of events) {
    requireSame(parsed(structuredMessage(event))[0], event);
    requireSame(parsed(binaryMessage(event))[0], event);
  }
});

test("given several, when they are a batch, then the SDK finds each", () => {
  const some = events.slice(0, 50);
  const got = parsed(batchMessage(some));
  assert.is(got.length, some.length);
  for (const [index, event] of some.entries()) requireSame(got[index], event);
});

test("given events, then none has the id of another, their sequences are in order, and their data is the row", () => {
  assert.is(new Set(events.map(({ id }) => id)).size, events.length);
  const sequences = events.map(({ sequence }) => sequence);
  assert.equal(sequences, sequences.toSorted());
  assert.equal(
    events.map(({ data }) => JSON.stringify(data)),
    told.map((row) => JSON.stringify(JSON.parse(rowLine(row)))),
  );
});

test("given when the guest began, then each event has a time, to the nanosecond, that the SDK takes", async () => {
  const startedAt = new Date("2026-02-28T23:59:59.999Z");
  const source = rows(RECORDING);
  const timed = await allOf(toCloudEvents(source, { source: "/race", startedAt, typePrefix: "com.example" }));
  assert.is(timed[0]?.time, "2026-02-28T23:59:59.999400000Z");
  assert.is(timed[0]?.type, "com.example.uart16550.byteReceived");
  assert.match(timed.at(-1)?.time ?? "", /^2026-03-01T00:00:00\./);
  for (const event of timed) {
    const [sdk] = parsed(binaryMessage(event));
    assert.ok(sdk !== undefined && sdk.validate());
    assert.is(new Date(sdk.time ?? "").getTime(), new Date(event.time ?? "").getTime());
  }
});

test("given a source with letters that a header can't have, when it is binary, then they are percent-encoded", () => {
  const [event] = events;
  assert.ok(event);
  const { headers } = binaryMessage({ ...event, source: SOURCE });
  assert.is(headers["ce-source"], "urn:foldvm:%22%C3%A9%25%201");
  assert.is(decodeURIComponent(headers["ce-source"] ?? ""), SOURCE);
});

test.run();
