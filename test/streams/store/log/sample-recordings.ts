// Recordings for the tests of the log: seeded, so that a failure can be had again.
import type { EventType, MachineEvent } from "../../../../src/reducers/events.js";
import type { GivenPositioned } from "../../../../src/reducers/stream-event.js";
import { EVENTS } from "../../../../src/reducers/events.js";
import { Bytes, Count, Text, U32, U64, U8 } from "../../../../src/reducers/scalars.js";
import type { Log, LogHeader } from "../../../../src/streams/store/log/index.js";
import { openLogFile } from "../../../../src/streams/host/log-file.js";
import { LogError, memorySink, openLog, openWriter } from "../../../../src/streams/store/log/index.js";
import { seededRandom, type Random } from "../../../support/seeded-random.js";

export const SAMPLE_HEADER: LogHeader = {
  machine: { memory: 268_435_456, shift: 3, append: "console=ttyS0", drives: [] },
  images: [{ role: "kernel", path: "Image", size: 4096, sha256: "5a".repeat(32) }],
};

const randomU64 = (random: Random): bigint =>
  BigInt.asUintN(64, (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32))) >> BigInt(random(64));

const TEXTS = ["", "virtio0/queue1", "guest", "\u{feff}with a mark", "größer als 1 kB? \u{1f4be}", "\0"];

/** A value that the codec takes, the extremes among them. */
const randomScalar = (codec: unknown, random: Random): unknown => {
  const extreme = random(8) === 0;
  if (codec === U8) return extreme ? 255 : random(256);
  if (codec === U32) return extreme ? 2 ** 32 - 1 : random(2 ** random(33));
  if (codec === Count) return extreme ? Number.MAX_SAFE_INTEGER : random(2 ** random(53));
  if (codec === U64) return extreme ? (1n << 64n) - 1n : randomU64(random);
  if (codec === Bytes) return Uint8Array.from({ length: extreme ? 3000 : random(40) }, () => random(256));
  if (codec === Text) return TEXTS[random(TEXTS.length)];
  throw new Error("the tests know no value for this codec");
};

/** Every kind of event in the table, in a random order, none of them with values of a real machine. */
export const randomEvents = (seed: number, count: number): GivenPositioned[] => {
  const random = seededRandom(seed);
  const types = Object.keys(EVENTS) as EventType[];
  let icount = 0;
  return Array.from({ length: count }, (_, index) => {
    icount += random(3) === 0 ? 0 : random(2 ** random(34));
    const type = types[random(types.length)] as EventType;
    const payload = Object.entries(EVENTS[type].payload).map(([name, codec]) => [name, randomScalar(codec, random)]);
    return { seq: index + 1, icount, event: { type, ...Object.fromEntries(payload) } as MachineEvent };
  });
};

/** Writes `events`, a segment for each `perSegment` of them, and an end if asked for. */
export const record = (
  events: readonly GivenPositioned[],
  { perSegment = 4, ended = true }: { readonly perSegment?: number; readonly ended?: boolean } = {},
): Uint8Array => {
  const sink = memorySink();
  const writer = openWriter(sink, SAMPLE_HEADER);
  for (const event of events) {
    writer.append(event);
    if (event.seq % perSegment === 0) writer.flush();
  }
  if (ended)
    writer.close({ icount: writer.lastIcount + 10, seq: writer.lastSeq, hash: 0x0123_4567_89ab_cdefn, cause: "guest" });
  else writer.abandon();
  return sink.bytes();
};

/** What is read of a recording, or the error. */
export const readAll = (source: string | Uint8Array): { log: Log; events: GivenPositioned[] } | LogError => {
  try {
    const log = typeof source === "string" ? openLogFile(source) : openLog(source);
    const events = [...log.events()];
    log.close();
    return { log, events };
  } catch (error) {
    if (error instanceof LogError) return error;
    throw error;
  }
};

export const codeOf = (source: string | Uint8Array): string => {
  const result = readAll(source);
  return result instanceof LogError ? result.code : result.log.end === undefined ? "truncated" : "whole";
};

const HEADER_BYTES = 52;

/** The byte ranges of the segments, found by the sizes in their headers. */
export const segmentsOf = (recording: Uint8Array): Uint8Array[] => {
  const segments: Uint8Array[] = [];
  for (let offset = 0; offset < recording.length;) {
    const view = new DataView(recording.buffer, recording.byteOffset + offset);
    const size = HEADER_BYTES + view.getUint32(36, true);
    segments.push(recording.subarray(offset, offset + size));
    offset += size;
  }
  return segments;
};

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
