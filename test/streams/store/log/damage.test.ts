// Damage: whatever happens to the bytes of a recording, it is an error that says where, or a torn tail; never other
// events.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { LogError, openLog } from "../../../../src/streams/store/log/index.js";
import { codeOf, concat, randomEvents, readAll, record, segmentsOf } from "./sample-recordings.js";
import { seededRandom } from "../../../support/seeded-random.js";

const EVENTS = randomEvents(7, 14);
const WHOLE = record(EVENTS);
const SEGMENTS = segmentsOf(WHOLE);
const at = (index: number): Uint8Array => SEGMENTS[index] as Uint8Array;
const BOUNDARIES = SEGMENTS.map((_, index) => concat(...SEGMENTS.slice(0, index)).length);

const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice();
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
};

const expectError = (bytes: Uint8Array, code: string): LogError => {
  const result = readAll(bytes);
  if (!(result instanceof LogError)) throw new Error("the damage was not seen");
  assert.is(result.code, code);
  return result;
};

test("given a whole recording, when any bit is flipped, then opening it is an error that names the segment", () => {
  for (let bit = 0; bit < WHOLE.length * 8; bit++) {
    try {
      openLog(flipped(WHOLE, bit));
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      const segment = BOUNDARIES.filter((boundary) => boundary <= bit >> 3).length - 1;
      assert.is(error.segment, segment, `bit ${String(bit)}: ${error.message}`);
      assert.is(error.offset, BOUNDARIES[segment]);
      assert.match(error.message, `segment ${String(segment)}, at byte ${String(BOUNDARIES[segment])}`);
      continue;
    }
    throw new Error(`bit ${String(bit)} was flipped and nobody saw it`);
  }
});

test("given a recording cut off at a segment's end, when any bit is flipped, then it is an error", () => {
  const cut = record(EVENTS, { ended: false });
  for (let bit = 0; bit < cut.length * 8; bit++) assert.instance(readAll(flipped(cut, bit)), LogError);
});

test("given a recording, when truncated at any byte, then it reads up to its last whole segment and says so", () => {
  for (let length = 0; length < WHOLE.length; length++) {
    const result = readAll(WHOLE.slice(0, length));
    if (length < at(0).length) {
      assert.ok(result instanceof LogError && result.code === "HEADER_INCOMPLETE", `${String(length)} bytes`);
      continue;
    }
    if (result instanceof LogError) throw result;
    const truncatedAt = BOUNDARIES.filter((boundary) => boundary <= length).at(-1) ?? 0;
    const wholeSegments = BOUNDARIES.indexOf(truncatedAt);
    const lastSeq = Math.min((wholeSegments - 1) * 4, EVENTS.length);
    assert.is(result.log.end, undefined);
    assert.equal(result.log.truncated, { truncatedAt, lastSeq, lastIcount: EVENTS[lastSeq - 1]?.icount ?? 0 });
    assert.equal(result.events, EVENTS.slice(0, lastSeq));
  }
});

test("given a torn tail, when any bit is flipped, then it is an error or the events before the tail are as they were", () => {
  for (const length of [BOUNDARIES[2] ?? 0, BOUNDARIES[3] ?? 0].flatMap((end) => [end - 60, end - 30, end - 1])) {
    const torn = WHOLE.slice(0, length);
    const sound = readAll(torn);
    if (sound instanceof LogError) throw sound;
    for (let bit = 0; bit < length * 8; bit++) {
      const result = readAll(flipped(torn, bit));
      if (!(result instanceof LogError)) assert.equal(result.events, sound.events);
    }
  }
});

for (let seed = 1; seed <= 4; seed++) {
  test(`given random bytes over a recording (seed ${String(seed)}), then it is a LogError or the events are a prefix`, () => {
    const random = seededRandom(seed);
    for (let round = 0; round < 500; round++) {
      const bytes = WHOLE.slice(0, random(4) === 0 ? random(WHOLE.length) : WHOLE.length);
      for (let change = random(6); change >= 0; change--) bytes[random(bytes.length)] = random(256);
      const result = readAll(bytes);
      if (!(result instanceof LogError)) assert.equal(result.events, EVENTS.slice(0, result.events.length));
    }
  });
}

test("given two segments swapped, then it is a broken chain, at the first of them", () => {
  const error = expectError(concat(at(0), at(2), at(1), ...SEGMENTS.slice(3)), "BROKEN_CHAIN");
  assert.is(error.segment, 1);
  assert.is(error.offset, at(0).length);
});

test("given a segment twice, then it is a broken chain, wherever it stands", () => {
  for (let index = 0; index < SEGMENTS.length - 1; index++) {
    const twice = concat(...SEGMENTS.slice(0, index + 1), ...SEGMENTS.slice(index));
    assert.is(expectError(twice, "BROKEN_CHAIN").segment, index + 1);
  }
});

test("given a deleted segment, then it is a broken chain, and never passes for a shorter recording", () => {
  assert.is(codeOf(concat(...SEGMENTS.slice(1))), "DAMAGED_HEADER");
  for (let index = 1; index < SEGMENTS.length - 1; index++) {
    const without = SEGMENTS.filter((_, other) => other !== index);
    assert.is(expectError(concat(...without), "BROKEN_CHAIN").segment, index);
  }
});

test("given a deleted end, then the recording is truncated", () => {
  assert.is(codeOf(concat(...SEGMENTS.slice(0, -1))), "truncated");
});

test("given a segment of another recording, then it is a broken chain", () => {
  const other = segmentsOf(record(randomEvents(9, 14)));
  assert.is(codeOf(concat(at(0), at(1), other[2] as Uint8Array, ...SEGMENTS.slice(3))), "BROKEN_CHAIN");
});

test("given bytes lost from within a segment, then it is damage, also where the rest is shorter than the segment", () => {
  for (let index = 1; index < SEGMENTS.length - 1; index++) {
    const segment = at(index);
    for (let lost = 1; lost < segment.length - 52; lost++) {
      const bytes = concat(
        ...SEGMENTS.slice(0, index),
        segment.slice(0, segment.length - lost),
        ...SEGMENTS.slice(index + 1),
      );
      assert.is(expectError(bytes, "DAMAGED_PAYLOAD").segment, index);
    }
  }
  const large = segmentsOf(record(randomEvents(3, 900), { perSegment: 900 }));
  const [head, body, end] = large as [Uint8Array, Uint8Array, Uint8Array];
  const error = expectError(concat(head, body.slice(0, 500), end), "DAMAGED_PAYLOAD");
  assert.is(error.field, "storedSize");
});

test("given bytes after the end, then they are trailing data, also when they are a recording", () => {
  for (const trailing of [Uint8Array.of(0), Uint8Array.from(at(0)), new Uint8Array(100), WHOLE]) {
    const error = expectError(concat(WHOLE, trailing), "TRAILING_DATA");
    assert.is(error.offset, WHOLE.length);
  }
});

test("given a few bytes after a cut-off recording that begin no segment, then they are trailing data", () => {
  const cut = concat(...SEGMENTS.slice(0, 3));
  assert.is(codeOf(concat(cut, new TextEncoder().encode("hello"))), "TRAILING_DATA");
  assert.is(codeOf(concat(cut, new Uint8Array(51))), "TRAILING_DATA");
  assert.is(codeOf(concat(cut, new Uint8Array(52))), "DAMAGED_HEADER");
  assert.is(codeOf(concat(cut, new TextEncoder().encode("FO"))), "truncated");
  assert.is(codeOf(concat(cut, at(1).slice(0, 11))), "TRAILING_DATA", "the chain of another segment");
});

test("given a recording that a guest received, when the segment that holds it is torn, then it is a torn tail", () => {
  const outer = record([{ seq: 1, icount: 5, event: { type: "virtioConsole/bytesReceived", slot: 0, bytes: WHOLE } }]);
  const [header, body] = segmentsOf(outer) as [Uint8Array, Uint8Array];
  assert.is(codeOf(concat(header, body.slice(0, -1))), "truncated");
});

test("given a file that is no recording, then the error says so", () => {
  assert.is(codeOf(new TextEncoder().encode("\x7fELF".padEnd(200, "x"))), "NOT_A_RECORDING");
  assert.is(codeOf(new TextEncoder().encode("hi")), "NOT_A_RECORDING");
  assert.is(codeOf(new Uint8Array()), "HEADER_INCOMPLETE");
});

test("given another format version, then the error names it and the remedy", () => {
  const other = WHOLE.slice();
  other[5] = 9;
  assert.match(expectError(other, "UNSUPPORTED_VERSION").message, /version 9, this foldvm reads 1, 2, 3, 4; use/);
});

test.run();
