/**
 * Goes through a recording segment by segment, checks each against the one before, and tells a torn tail from damage.
 */
import type { ByteSource } from "./byte-source.js";
import { checksum } from "./checksum.js";
import { decompress, MAX_RAW_BYTES, MAX_STORED_BYTES } from "./compression.js";
import type { LogErrorCode, LogPlace } from "./log-error.js";
import { LogError } from "./log-error.js";
import type { NextSegment, SegmentHeader } from "./segment.js";
import {
  beginsWithMagic,
  canBeginNextSegment,
  decodeSegmentHeader,
  isSnapshotKind,
  nextAfter,
  OFFSETS,
  SEGMENT_HEADER_BYTES,
  SNAPSHOT_KINDS,
} from "./segment.js";
import { CURRENT_VERSION, FORMAT_VERSIONS, SNAPSHOT_VERSION } from "./upcast.js";

export interface Segment {
  readonly place: Required<Pick<LogPlace, "segment" | "offset">> & Pick<LogPlace, "file">;
  readonly header: SegmentHeader;
  /** The payload as stored: its checksum was checked. */
  readonly stored: Uint8Array;
}

/** From where a walk goes on: a segment, and the header of the one before it. */
export interface WalkStart {
  readonly place: Segment["place"];
  readonly previous: SegmentHeader | undefined;
}

/**
 * Yields whole segments; returns the offset where they end. Throws LogError for all that a cut-off write can't have
 * left behind.
 */
export function* walkSegments(source: ByteSource, start?: WalkStart): Generator<Segment, number> {
  let offset = start?.place.offset ?? 0;
  let previous = start?.previous;
  let hasEnded = previous?.kind === "end";
  for (let segment = start?.place.segment ?? 0; offset < source.size; segment++) {
    const place = placeIn(source, segment, offset);
    if (hasEnded && previous !== undefined && !mayFollowEnd(source, offset, previous)) {
      throw fail("TRAILING_DATA", place, "the recording ends before this; cut the file here to keep it", source);
    }
    const header = readHeader(source, place, previous);
    if (header === "torn") return offset;
    requireSound(header, place);
    if (previous !== undefined) requireFollows(header, previous, place);
    const stored = readStored(source, header, place);
    if (stored === "torn") return offset;
    yield { place, header, stored };
    offset += SEGMENT_HEADER_BYTES + header.storedSize;
    previous = header;
    hasEnded ||= header.kind === "end";
  }
  if (previous === undefined) throw incompleteHeader(source);
  return offset;
}

/** One that the walk has yielded, again. Throws LogError. */
export const readSegment = (source: ByteSource, { header, place }: Omit<Segment, "stored">): Segment => {
  const stored = readStored(source, header, place);
  if (stored === "torn") throw new Error("the walk yields no segment that is torn");
  return { header, place, stored };
};

/** The payload as it was before compression; throws LogError. */
export const rawOf = ({ header, stored, place }: Segment): Uint8Array => {
  const raw = decompress(stored, header.rawSize);
  if (raw === undefined)
    throw fail("DAMAGED_PAYLOAD", place, "its payload does not decompress to the size it names", undefined, "rawSize");
  if (checksum(raw) !== header.rawChecksum) {
    throw fail("DAMAGED_PAYLOAD", place, "its decompressed payload has another checksum", undefined, "rawChecksum");
  }
  return raw;
};

type Place = Segment["place"];

const placeIn = ({ name }: ByteSource, segment: number, offset: number): Place => ({
  ...(name === undefined ? {} : { file: name }),
  segment,
  offset,
});

const fail = (code: LogErrorCode, place: Place, what: string, source?: ByteSource, field?: string): LogError => {
  const size = source === undefined ? "" : ` (the file has ${String(source.size)} bytes)`;
  return new LogError(code, what + size, { ...place, ...(field === undefined ? {} : { field }) });
};

/** What can still be done with a recording that is damaged from `offset` on. */
const remedy = ({ segment, offset }: Place): string =>
  segment === 0
    ? "take another copy"
    : `take another copy, or keep the first ${String(offset)} bytes, which are a sound recording cut off there`;

const incompleteHeader = (source: ByteSource): LogError =>
  fail(
    "HEADER_INCOMPLETE",
    placeIn(source, 0, 0),
    "the file ends before the machine is described; record again",
    source,
  );

/** Behind the end stands nothing but snapshots, whole or the beginning of one. */
const mayFollowEnd = (source: ByteSource, offset: number, previous: SegmentHeader): boolean => {
  const bytes = source.read(offset, Math.min(SEGMENT_HEADER_BYTES, source.size - offset));
  if (bytes.length < SEGMENT_HEADER_BYTES) return canBeginNextSegment(bytes, nextAfter(previous), SNAPSHOT_KINDS);
  const header = decodeSegmentHeader(bytes);
  return !("fault" in header) && isSnapshotKind(header.kind) && header.chain === previous.headerChecksum;
};

const readHeader = (source: ByteSource, place: Place, previous: SegmentHeader | undefined): SegmentHeader | "torn" => {
  const bytes = source.read(place.offset, Math.min(SEGMENT_HEADER_BYTES, source.size - place.offset));
  if (previous === undefined) {
    if (!beginsWithMagic(bytes)) throw fail("NOT_A_RECORDING", place, "this is no foldvm recording; name a .fold file");
    const version = bytes[OFFSETS.version];
    // Before the checksum: another version may have another header.
    if (version !== undefined && !FORMAT_VERSIONS.has(version)) throw unsupportedVersion(version, place);
    if (bytes.length < SEGMENT_HEADER_BYTES) throw incompleteHeader(source);
  } else if (bytes.length < SEGMENT_HEADER_BYTES) {
    if (canBeginNextSegment(bytes, nextAfter(previous))) return "torn";
    throw fail(
      "TRAILING_DATA",
      place,
      `the file's last bytes begin no segment of this recording; ${remedy(place)}`,
      source,
    );
  }
  const header = decodeSegmentHeader(bytes);
  if (!("fault" in header)) return header;
  const version = bytes[OFFSETS.version];
  // A kind that a later version has brought.
  if (header.fault === "kind" && version !== undefined && version > CURRENT_VERSION)
    throw unsupportedVersion(version, place);
  throw fail(
    "DAMAGED_HEADER",
    place,
    `these bytes are no segment header, or a damaged one; ${remedy(place)}`,
    undefined,
    header.fault,
  );
};

const unsupportedVersion = (version: number, place: Place): LogError => {
  const known = [...FORMAT_VERSIONS.keys()].join(", ");
  return fail(
    "UNSUPPORTED_VERSION",
    place,
    `the recording has format version ${String(version)}, this foldvm reads ${known}; use the foldvm that made it, or a newer one`,
    undefined,
    "version",
  );
};

/** What a segment must be by itself: with a good checksum, only a forger gets here. */
const requireSound = (header: SegmentHeader, place: Place): void => {
  const damaged = (field: keyof SegmentHeader): LogError =>
    fail("DAMAGED_HEADER", place, `the segment header contradicts the format; ${remedy(place)}`, undefined, field);
  if (header.rawSize === 0 || header.rawSize > MAX_RAW_BYTES) throw damaged("rawSize");
  if (header.storedSize > MAX_STORED_BYTES) throw damaged("storedSize");
  if ((header.kind === "events") !== header.count > 0) throw damaged("count");
  if (!Number.isSafeInteger(header.firstSeq + header.count)) throw damaged("firstSeq");
  if (place.segment > 0) return;
  if (header.kind !== "header") throw damaged("kind");
  if (header.chain !== 0) throw damaged("chain");
  // A recording that begins with a snapshot begins at its position.
  if (header.version >= SNAPSHOT_VERSION) return;
  if (header.firstSeq !== 1) throw damaged("firstSeq");
  if (header.firstIcount !== 0) throw damaged("firstIcount");
};

const requireFollows = (header: SegmentHeader, previous: SegmentHeader, place: Place): void => {
  const next = nextAfter(previous);
  if (header.version > CURRENT_VERSION && header.chain === next.chain) throw unsupportedVersion(header.version, place);
  if (header.chain !== next.chain || header.version < next.version || header.kind === "header") {
    const what =
      "the segment does not follow the one before it: one was deleted, repeated, swapped or taken from another recording";
    throw fail("BROKEN_CHAIN", place, `${what}; ${remedy(place)}`, undefined, "chain");
  }
  if (header.firstSeq !== next.firstSeq) {
    const what = `it begins with event ${String(header.firstSeq)} instead of ${String(next.firstSeq)}`;
    throw fail("OUT_OF_ORDER", place, `${what}; ${remedy(place)}`, undefined, "firstSeq");
  }
  if (header.firstIcount < previous.firstIcount) {
    const what = `it begins at icount ${String(header.firstIcount)}, before ${String(previous.firstIcount)} of the segment before it`;
    throw fail("OUT_OF_ORDER", place, `${what}; ${remedy(place)}`, undefined, "firstIcount");
  }
};

const readStored = (source: ByteSource, header: SegmentHeader, place: Place): Uint8Array | "torn" => {
  const start = place.offset + SEGMENT_HEADER_BYTES;
  const available = source.size - start;
  if (available < header.storedSize) {
    if (header.kind === "header") throw incompleteHeader(source);
    // A write that was cut off is the last thing in the file. Where the next segment follows, bytes were lost in
    // between.
    if (!holdsSegment(source.read(start, available), nextAfter(header))) return "torn";
    throw fail("DAMAGED_PAYLOAD", place, `bytes of its payload are missing; ${remedy(place)}`, undefined, "storedSize");
  }
  const stored = source.read(start, header.storedSize);
  if (checksum(stored) === header.storedChecksum) return stored;
  throw fail(
    "DAMAGED_PAYLOAD",
    place,
    `its payload has another checksum; ${remedy(place)}`,
    undefined,
    "storedChecksum",
  );
};

/** By chain and seq, not by the magic alone: a payload may hold a recording that the guest received. */
const holdsSegment = (bytes: Uint8Array, next: NextSegment): boolean => {
  for (let offset = 0; offset + SEGMENT_HEADER_BYTES <= bytes.length; offset++) {
    const header = decodeSegmentHeader(bytes.subarray(offset, offset + SEGMENT_HEADER_BYTES));
    if (!("fault" in header) && header.chain === next.chain && header.firstSeq === next.firstSeq) return true;
  }
  return false;
};
