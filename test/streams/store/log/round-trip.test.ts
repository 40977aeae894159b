// What is recorded is what is read: for every kind of event, with the extremes of every scalar.
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { EVENTS } from "../../../../src/reducers/events.js";
import { memorySink, openLog, openWriter } from "../../../../src/streams/store/log/index.js";
import { LogError } from "../../../../src/streams/store/log/index.js";
import { randomEvents, readAll, record, SAMPLE_HEADER, segmentsOf } from "./sample-recordings.js";
import { freshSeed } from "../../../support/seeded-random.js";

const seed = freshSeed();
console.log(`    log round trip: FOLDVM_SEED=${String(seed)}`);

test("given random events, when recorded and read, then they are the same", () => {
  const cases = fc.record({ seed: fc.nat(2 ** 31), count: fc.nat(700), perSegment: fc.integer({ min: 1, max: 200 }) });
  fc.assert(
    fc.property(cases, ({ seed: ofEvents, count, perSegment }) => {
      const events = randomEvents(ofEvents, count);
      const result = readAll(record(events, { perSegment }));
      if (result instanceof LogError) throw result;
      assert.equal(result.events, events);
      assert.is(result.log.eventCount, events.length);
      assert.is(result.log.lastIcount, events.at(-1)?.icount ?? 0);
    }),
    { seed, numRuns: 60 },
  );
});

test("given 700 random events, then every kind of the table is among them", () => {
  const types = new Set(randomEvents(1, 700).map(({ event }) => event.type));
  assert.is(types.size, Object.keys(EVENTS).length);
});

test("given a header and an end, when read, then they are the same", () => {
  const log = openLog(record(randomEvents(1, 9)));
  assert.equal(log.header, SAMPLE_HEADER);
  assert.is(log.formatVersion, 1);
  assert.is(log.truncated, undefined);
  assert.equal(log.end, { icount: log.lastIcount + 10, seq: 9, hash: 0x0123_4567_89ab_cdefn, cause: "guest" });
});

test("given a recording without an event, when read, then it is whole and empty", () => {
  const result = readAll(record([]));
  if (result instanceof LogError) throw result;
  assert.equal(result.events, []);
  assert.is(result.log.end?.seq, 0);
  assert.is(result.log.segmentCount, 2);
});

test("given the same events, when recorded twice, then the bytes are the same", () => {
  assert.equal(record(randomEvents(5, 300)), record(randomEvents(5, 300)));
});

test("given machines that differ in the order of members only, when recorded, then the bytes are the same", () => {
  const bytesOf = (machine: unknown): Uint8Array => {
    const sink = memorySink();
    openWriter(sink, { machine, images: [] });
    return sink.bytes();
  };
  assert.equal(bytesOf({ a: 1, b: { c: [true, null], d: "x" } }), bytesOf({ b: { d: "x", c: [true, null] }, a: 1 }));
});

test("given events, when read from a seq on, then the ones before are left out", () => {
  const events = randomEvents(8, 40);
  const log = openLog(record(events, { perSegment: 7 }));
  for (let fromSeq = 0; fromSeq <= 42; fromSeq++) {
    assert.equal([...log.events({ fromSeq })], events.slice(Math.max(0, fromSeq - 1)));
  }
});

test("given a held event, when its bytes are looked at, then they hold no more memory than their own", () => {
  const result = readAll(record(randomEvents(3, 200), { perSegment: 200 }));
  if (result instanceof LogError) throw result;
  for (const { event } of result.events)
    if ("bytes" in event) assert.is(event.bytes.buffer.byteLength, event.bytes.length);
});

test("given more than 64 KiB, when nobody flushes, then it goes out in segments of at most 256 KiB", () => {
  const sink = memorySink();
  const writer = openWriter(sink, SAMPLE_HEADER);
  const bytes = Uint8Array.from({ length: 128 * 1024 }, (_, index) => index ** 2);
  for (let seq = 1; seq <= 5; seq++) {
    writer.append({
      seq,
      icount: 1,
      event: { type: "virtioConsole/bytesReceived", slot: 0, bytes: bytes.subarray(seq) },
    });
    assert.is(writer.pendingEvents, 0);
  }
  for (let seq = 6; seq <= 40_000; seq++)
    writer.append({ seq, icount: seq, event: { type: "uart16550/byteReceived", byte: seq & 255 } });
  writer.abandon();
  const recording = sink.bytes();
  assert.is(writer.bytesWritten, recording.length);
  for (const segment of segmentsOf(recording))
    assert.ok(new DataView(segment.buffer, segment.byteOffset).getUint32(32, true) <= 256 * 1024);
  const result = readAll(recording);
  if (result instanceof LogError) throw result;
  assert.is(result.events.length, 40_000);
  assert.equal(result.events[4]?.event, { type: "virtioConsole/bytesReceived", slot: 0, bytes: bytes.subarray(5) });
});

test.run();
