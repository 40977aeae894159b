// Recordings whose checksums are all right and whose contents are not: typed errors that name the event, and bounded
// work.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { crc32 } from "node:zlib";

import { compress, MAX_RAW_BYTES, MAX_STORED_BYTES } from "../../../../src/streams/store/log/compression.js";
import { LogError } from "../../../../src/streams/store/log/index.js";
import type { SegmentPlace } from "../../../../src/streams/store/log/segment.js";
import { encodeSegment } from "../../../../src/streams/store/log/segment.js";
import { SNAPSHOT_VERSION } from "../../../../src/streams/store/log/upcast.js";
import { codeOf, concat, readAll, record, segmentsOf } from "./sample-recordings.js";

const HEADER = segmentsOf(record([]))[0] as Uint8Array;
const HEADER_CHAIN = new DataView(HEADER.buffer, HEADER.byteOffset).getUint32(48, true);

/** A header and one events segment with these raw bytes. */
const forge = (raw: readonly number[], place: Partial<SegmentPlace> = {}): Uint8Array => {
  const sound = { kind: "events", version: 1, chain: HEADER_CHAIN, firstSeq: 1, firstIcount: 0, count: 1 } as const;
  return concat(HEADER, encodeSegment({ ...sound, ...place }, Uint8Array.from(raw)).bytes);
};

const expectError = (bytes: Uint8Array, code: string, where: Partial<LogError> = {}): void => {
  const result = readAll(bytes);
  if (!(result instanceof LogError)) throw new Error(`expected ${code}, and it was read`);
  assert.is(result.code, code, result.message);
  for (const [name, value] of Object.entries(where)) assert.is(result[name as keyof LogError], value, name);
};

test("given a sound forgery, then it is read: the other cases fail for their own reason", () => {
  const result = readAll(forge([1, 1, 0, 7, 65, 66], { count: 2 }));
  if (result instanceof LogError) throw result;
  assert.equal(result.events, [
    { seq: 1, icount: 0, event: { type: "uart16550/byteReceived", byte: 65 } },
    { seq: 2, icount: 7, event: { type: "uart16550/byteReceived", byte: 66 } },
  ]);
});

test("given an unknown kind of event, then the error names its seq", () => {
  expectError(forge([1, 99, 0, 0, 65, 66], { count: 2 }), "UNKNOWN_EVENT", {
    segment: 1,
    offset: HEADER.length,
    seq: 2,
    field: "kind",
  });
});

test("given fewer or more events than the count, then it is a mismatch", () => {
  expectError(forge([1, 1, 0, 0, 65], { count: 2 }), "COUNT_MISMATCH", { seq: 2, field: "byte" });
  expectError(forge([1, 0, 65, 66], { count: 1 }), "COUNT_MISMATCH", { segment: 1 });
  expectError(forge([1, 1, 0, 0, 65, 66], { count: 4_000_000_000 }), "UNKNOWN_EVENT", { seq: 3 });
});

test("given a value that its codec does not take, then the error names seq and field", () => {
  expectError(forge([1, 0, 0x80, 2]), "INVALID_EVENT", { seq: 1, field: "byte" });
  expectError(forge([2, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 1]), "INVALID_EVENT", { seq: 1, field: "hart" });
  expectError(forge([4, 0, 1, 0xff]), "INVALID_EVENT", { seq: 1, field: "id" });
  expectError(forge([4, 0, 100, 65, 66, 67]), "INVALID_EVENT", { seq: 1, field: "id" });
});

test("given an integer in more bytes than it needs or can have, then it is no event", () => {
  expectError(forge([1, 0, 0x81, 0]), "INVALID_EVENT", { field: "byte" });
  expectError(forge([3, 0, ...Array<number>(9).fill(0xff), 0x02]), "INVALID_EVENT", { field: "byNs" });
  expectError(forge([3, 0, ...Array<number>(20).fill(0xff), 0x01]), "INVALID_EVENT", { field: "byNs" });
  expectError(forge([1, 0, ...Array<number>(20).fill(0xff), 0x01]), "INVALID_EVENT", { field: "byte" });
});

test("given positions that go backwards or skip, then they are out of order", () => {
  expectError(forge([1, 5, 65]), "OUT_OF_ORDER", { seq: 1, field: "icount" });
  expectError(forge([1, 0, 65], { firstSeq: 2 }), "OUT_OF_ORDER", { field: "firstSeq" });
  const two = [1, 1, 0, 100, 65, 66];
  const first = encodeSegment(
    { kind: "events", version: 1, chain: HEADER_CHAIN, firstSeq: 1, firstIcount: 0, count: 2 },
    Uint8Array.from(two),
  );
  const second = (firstIcount: number): Uint8Array =>
    encodeSegment(
      { kind: "events", version: 1, chain: first.headerChecksum, firstSeq: 3, firstIcount, count: 2 },
      Uint8Array.from(two),
    ).bytes;
  assert.is(codeOf(concat(HEADER, first.bytes, second(100))), "truncated");
  expectError(concat(HEADER, first.bytes, second(99)), "OUT_OF_ORDER", { segment: 2, seq: 3, field: "icount" });
});

test("given an icount above 2^53 - 1, then it is out of order", () => {
  const raw = [1, 1, 0, 10, 65, 66];
  expectError(forge(raw, { count: 2, firstIcount: Number.MAX_SAFE_INTEGER - 5 }), "OUT_OF_ORDER", { seq: 2 });
});

test("given an end that does not fit, then it is invalid", () => {
  const end = (json: string, place: Partial<SegmentPlace> = {}): Uint8Array =>
    forge([...new TextEncoder().encode(json)], { kind: "end", count: 0, firstIcount: 9, ...place });
  assert.is(codeOf(end('{"cause":"guest","hash":"1","icount":9,"seq":0}')), "whole");
  expectError(end('{"cause":"guest","hash":"1","icount":9,"seq":3}'), "INVALID_END", { field: "seq" });
  expectError(end('{"cause":"guest","hash":"1","icount":8,"seq":0}'), "INVALID_END", { field: "icount" });
  expectError(end('{"cause":"guest","hash":1,"icount":9,"seq":0}'), "INVALID_END", { field: "hash" });
  expectError(end("{"), "INVALID_END");
});

test("given a header that is no machine, then it is invalid", () => {
  const header = (json: string): Uint8Array =>
    encodeSegment(
      { kind: "header", version: 1, chain: 0, firstSeq: 1, firstIcount: 0, count: 0 },
      new TextEncoder().encode(json),
    ).bytes;
  assert.is(codeOf(header('{"images":[],"machine":{}}')), "truncated");
  expectError(header('{"machine":{}}'), "INVALID_HEADER", { field: "images" });
  expectError(header('{"images":[{"path":"a","role":"b","sha256":"c","size":1}],"machine":{}}'), "INVALID_HEADER", {
    field: "images.0.sha256",
  });
  expectError(header("nothing"), "INVALID_HEADER");
});

/** Puts other stored bytes into a forged segment and makes all of its checksums right again. */
const withStored = (stored: Uint8Array, rawSize: number): Uint8Array => {
  const header = forge([1, 0, 65]).slice(HEADER.length, HEADER.length + 52);
  const view = new DataView(header.buffer);
  view.setUint32(32, rawSize, true);
  view.setUint32(36, stored.length, true);
  view.setUint32(44, crc32(stored), true);
  view.setUint32(48, crc32(header.subarray(0, 48)), true);
  return concat(HEADER, header, stored);
};

test("given a payload that is no frame of ours, then it is damaged, at once", () => {
  const frame = (blockSize: number, ...rest: number[]): Uint8Array => {
    const size = new Uint8Array(4);
    new DataView(size.buffer).setUint32(0, blockSize, true);
    return Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x40, 0x70, 0xdf, ...size, ...rest);
  };
  const startedMs = performance.now();
  expectError(withStored(new Uint8Array(40), 3), "DAMAGED_PAYLOAD");
  expectError(withStored(new Uint8Array(0), 3), "DAMAGED_PAYLOAD");
  // lz4js would run through 2^31 bytes that aren't there.
  expectError(withStored(frame(0x7fff_ffff, 0, 0, 0, 0, 0), 3), "DAMAGED_PAYLOAD");
  expectError(withStored(frame(0xffff_ffff, 0, 0, 0, 0, 0), 3), "DAMAGED_PAYLOAD");
  // A match before the start; lengths that go on to the end of the bytes; a bomb of 16 MB.
  expectError(withStored(frame(5, 0x1f, 65, 0xff, 0xff, 0, 0, 0, 0, 0), 3), "DAMAGED_PAYLOAD");
  expectError(withStored(frame(4, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0), 3), "DAMAGED_PAYLOAD");
  expectError(
    withStored(frame(60_004, 0x1f, 65, 1, 0, ...Array<number>(60_000).fill(0xff), 0, 0, 0, 0), 3),
    "DAMAGED_PAYLOAD",
  );
  assert.ok(performance.now() - startedMs < 5000);
});

test("given a sound frame of other bytes than were recorded, then it is damaged", () => {
  expectError(withStored(compress(Uint8Array.of(1, 0, 66)), 3), "DAMAGED_PAYLOAD", { field: "rawChecksum" });
});

test("given sizes beyond the format's, then nothing is allocated for them", () => {
  expectError(withStored(new Uint8Array(40), 0xffff_ffff), "DAMAGED_HEADER", { field: "rawSize" });
  expectError(withStored(new Uint8Array(300_000), 3), "DAMAGED_HEADER", { field: "storedSize" });
});

test("given sizes and positions at their bounds, then they are taken; one beyond, then the field is named", () => {
  // What is wrong with those at the bound is something else.
  expectError(withStored(new Uint8Array(40), MAX_RAW_BYTES), "DAMAGED_PAYLOAD");
  expectError(withStored(new Uint8Array(40), MAX_RAW_BYTES + 1), "DAMAGED_HEADER", { field: "rawSize" });
  expectError(withStored(new Uint8Array(MAX_STORED_BYTES), 3), "DAMAGED_PAYLOAD");
  expectError(withStored(new Uint8Array(MAX_STORED_BYTES + 1), 3), "DAMAGED_HEADER", { field: "storedSize" });
  const beginningAt = (firstSeq: number): Uint8Array =>
    encodeSegment(
      { kind: "header", version: SNAPSHOT_VERSION, chain: 0, firstSeq, firstIcount: 0, count: 0 },
      Uint8Array.of(1),
    ).bytes;
  // The seq of its last event is the last that there is; with one more, there is none for it.
  expectError(forge([1, 0, 65], { firstSeq: Number.MAX_SAFE_INTEGER - 1 }), "OUT_OF_ORDER");
  expectError(forge([1, 0, 65], { firstSeq: Number.MAX_SAFE_INTEGER }), "DAMAGED_HEADER", { field: "firstSeq" });
  expectError(beginningAt(Number.MAX_SAFE_INTEGER), "INVALID_HEADER");
  expectError(beginningAt(Number.MAX_SAFE_INTEGER + 1), "DAMAGED_HEADER", { field: "firstSeq" });
});

test.run();
