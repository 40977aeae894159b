// Images that a recording carries: once each, sparse, checked, and never believed.
import { createHash } from "node:crypto";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { seededRandom } from "../../../support/seeded-random.js";
import { memoryContents, type ImageContents } from "../../../../src/streams/store/image-contents.js";
import {
  LogError,
  memorySink,
  openLog,
  openWriter,
  packLog,
  type Log,
} from "../../../../src/streams/store/log/index.js";
import { MAX_PIECE_BYTES, PIECE_HEADER_BYTES } from "../../../../src/streams/store/log/image-segments.js";
import { checksum } from "../../../../src/streams/store/log/checksum.js";
import { SegmentChain } from "../../../../src/streams/store/log/segment-chain.js";
import { CURRENT_VERSION } from "../../../../src/streams/store/log/upcast.js";
import type { SegmentKind } from "../../../../src/streams/store/log/segment.js";

const contentsOf = (bytes: Uint8Array): ImageContents =>
  memoryContents(createHash("sha256").update(bytes).digest("hex"), bytes);

const bytesOf = (length: number, fill: (index: number) => number = (index) => index): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => fill(index));

const END = { icount: 0, seq: 0, hash: 1n, cause: "stopped" };

const headerOf = (images: readonly ImageContents[]) => ({
  machine: { any: 1 },
  images: images.map(({ sha256, byteLength }, index) => ({
    role: `drive${String(index)}`,
    path: "",
    size: byteLength,
    sha256,
  })),
});

const recorded = (images: readonly ImageContents[], carried = images): Uint8Array => {
  const sink = memorySink();
  openWriter(sink, headerOf(images), { contents: carried }).close(END);
  return sink.bytes();
};

const readBack = (log: Log, { sha256, byteLength }: ImageContents): Uint8Array => {
  const bytes = new Uint8Array(byteLength);
  log.contents.get(sha256)?.read(0, bytes);
  return bytes;
};

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof LogError) return error.code;
    throw error;
  }
  return "none";
};

for (const [name, bytes] of [
  ["nothing", new Uint8Array(0)],
  ["one byte", Uint8Array.of(7)],
  ["a whole piece", bytesOf(128 * 1024)],
  ["a byte more than a piece", bytesOf(128 * 1024 + 1)],
  ["only zeros", new Uint8Array(500_000)],
  ["zeros between bytes", bytesOf(1_000_000, (index) => (index < 10 || index === 999_999 ? 5 : 0))],
] as const) {
  test(`given an image of ${name}, when recorded, then it reads back, whole and in parts`, () => {
    const image = contentsOf(bytes);
    const log = openLog(recorded([image]));
    assert.is(log.formatVersion, 3);
    assert.equal(readBack(log, image), bytes);
    const part = new Uint8Array(Math.min(3, bytes.length)).fill(9);
    log.contents.get(image.sha256)?.read(bytes.length - part.length, part);
    assert.equal(part, bytes.slice(bytes.length - part.length));
  });
}

test("given an image that is all but empty, when recorded, then its zeros take no room", () => {
  const bytes = new Uint8Array(20_000_000);
  bytes[10_000_000] = 1;
  const image = contentsOf(bytes);
  assert.ok(recorded([image]).length < 4000);
});

test("given one image in two roles, when recorded, then it is there once", () => {
  const image = contentsOf(bytesOf(200_000, (index) => (index * 7919) >> 3));
  assert.is(recorded([image, image]).length - recorded([image]).length < 300, true);
});

test("given a recording without images, when packed, then events and end are the same, and its version says so", () => {
  const image = contentsOf(bytesOf(1000));
  const sink = memorySink();
  const plain = openWriter(sink, headerOf([image]));
  plain.append({ seq: 1, icount: 5, event: { type: "clock/warped", byNs: 3n } });
  plain.close({ ...END, icount: 9, seq: 1 });
  const log = openLog(sink.bytes());
  assert.is(log.formatVersion, 1);
  const packedSink = memorySink();
  packLog(log, [image, image], packedSink);
  const packed = openLog(packedSink.bytes());
  assert.equal([...packed.events()], [...log.events()]);
  assert.equal(packed.end, log.end);
  assert.equal(readBack(packed, image), readBack(openLog(recorded([image])), image));
  // The first segment names the version, so that an older reader does.
  assert.is(packedSink.bytes()[5], 3);
  const again = memorySink();
  packLog(packed, [image], again);
  assert.equal(again.bytes(), packedSink.bytes());
});

test("given a recording that was cut off, when packed, then it is one that was cut off", () => {
  const image = contentsOf(bytesOf(10));
  const sink = memorySink();
  openWriter(sink, headerOf([image])).abandon();
  const packed = memorySink();
  packLog(openLog(sink.bytes()), [image], packed);
  const log = openLog(packed.bytes());
  assert.is(log.end, undefined);
  assert.ok(log.contents.has(image.sha256));
});

test("given a recording that ends within an image, when opened, then the image is not there, and nothing is damaged", () => {
  const random = seededRandom(1);
  const image = contentsOf(bytesOf(300_000, () => random(256)));
  const bytes = recorded([image]);
  for (const length of [bytes.length - 300, bytes.length - 150_000]) {
    const log = openLog(bytes.subarray(0, length));
    assert.is(log.contents.size, 0);
    assert.not.ok(log.end);
  }
});

test("given a flipped bit in an image, when opened, then the damage is named", () => {
  const bytes = recorded([contentsOf(bytesOf(300_000, (index) => (index * 7919) >> 3))]);
  bytes[1000] = (bytes[1000] ?? 0) ^ 1;
  assert.is(
    codeOf(() => openLog(bytes)),
    "DAMAGED_PAYLOAD",
  );
});

/** A recording of segments as a forger would put them. */
const forged = (
  images: readonly ImageContents[],
  ...segments: readonly (readonly [SegmentKind, Uint8Array])[]
): Uint8Array => {
  const sink = memorySink();
  openWriter(sink, headerOf(images)).abandon();
  const log = openLog(sink.bytes());
  const chain = new SegmentChain(sink, 3, log.last.headerChecksum);
  for (const [kind, raw] of segments) chain.write({ kind, firstSeq: 1, firstIcount: 0, count: 0 }, raw);
  return sink.bytes();
};

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const piece = (offset: bigint, length: number): Uint8Array => {
  const raw = new Uint8Array(PIECE_HEADER_BYTES + length).fill(1);
  new DataView(raw.buffer).setBigUint64(0, offset, true);
  return raw;
};

const IMAGE = contentsOf(bytesOf(100));
const ANNOUNCED = ["image", json({ sha256: IMAGE.sha256, size: 100 })] as const;
for (const [name, segments] of [
  ["a piece that nothing announces", [["piece", piece(0n, 10)]]],
  ["a piece beyond the image's end", [ANNOUNCED, ["piece", piece(91n, 10)]]],
  ["a piece far beyond", [ANNOUNCED, ["piece", piece(2n ** 63n, 10)]]],
  ["a piece before the one before it", [ANNOUNCED, ["piece", piece(50n, 10)], ["piece", piece(59n, 10)]]],
  ["a piece of no bytes", [ANNOUNCED, ["piece", piece(0n, 0)]]],
  ["a piece that is too short", [ANNOUNCED, ["piece", Uint8Array.of(1)]]],
  ["an image that the header does not name", [["image", json({ sha256: "0".repeat(64), size: 0 })]]],
  ["an image of another size", [["image", json({ sha256: IMAGE.sha256, size: 0 })]]],
  ["an image twice", [ANNOUNCED, ["piece", piece(0n, 100)], ANNOUNCED]],
  ["an image without a size", [["image", json({ sha256: IMAGE.sha256 })]]],
  ["an image that is no JSON", [["image", Uint8Array.of(1, 2)]]],
] as const satisfies readonly (readonly [string, readonly (readonly [SegmentKind, Uint8Array])[]])[]) {
  test(`given ${name}, when opened, then it is refused by name`, () => {
    assert.is(
      codeOf(() => openLog(forged([IMAGE], ...segments))),
      "INVALID_IMAGE",
    );
  });
}

test("given a kind that a later version brings, when opened, then the version is named", () => {
  const bytes = forged([IMAGE]);
  const sink = memorySink();
  sink.write(bytes);
  new SegmentChain(sink, CURRENT_VERSION + 1, openLog(bytes).last.headerChecksum).write(
    { kind: "image", firstSeq: 1, firstIcount: 0, count: 0 },
    json({}),
  );
  const later = sink.bytes();
  // A kind that nobody knows, under a checksum that is right.
  later[bytes.length + 4] = 99;
  const header = later.subarray(bytes.length, bytes.length + 48);
  new DataView(later.buffer).setUint32(bytes.length + 48, checksum(header), true);
  assert.is(
    codeOf(() => openLog(later)),
    "UNSUPPORTED_VERSION",
  );
});

test("given the largest piece, when read, then it is taken", () => {
  const image = contentsOf(new Uint8Array(MAX_PIECE_BYTES).fill(1));
  const log = openLog(
    forged(
      [image],
      ["image", json({ sha256: image.sha256, size: MAX_PIECE_BYTES })],
      ["piece", piece(0n, MAX_PIECE_BYTES)],
    ),
  );
  assert.equal(readBack(log, image), new Uint8Array(MAX_PIECE_BYTES).fill(1));
});

test.run();
