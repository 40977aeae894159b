/**
 * Reads a recording: checks all of its framing when opened, then streams its events, segment by segment, from any of
 * them on.
 */
import type { PositionedEvent } from "../../../reducers/events.js";
import { positionOf, type Position } from "../../../reducers/position.js";
import type { ByteSource } from "./byte-source.js";
import { bytesSource } from "./byte-source.js";
import type { LogEnd } from "./end.js";
import { decodeEnd } from "./end.js";
import type { LogHeader } from "./header.js";
import { decodeHeader } from "./header.js";
import type { LogPlace } from "./log-error.js";
import { LogError } from "./log-error.js";
import type { Segment } from "./segment-walk.js";
import { jsonOf } from "./segment-json.js";
import { SegmentEvents } from "./segment-events.js";
import { rawOf, walkSegments, type WalkStart } from "./segment-walk.js";
import type { SegmentHeader } from "./segment.js";
import type { ImageContents } from "../image-contents.js";
import { ImageIndex } from "./image-index.js";
import { RunIdentity } from "./run-identity.js";
import { SnapshotIndex } from "./snapshot-index.js";
import type { SnapshotDescription } from "./snapshot-segments.js";
import { knownFormat } from "./upcast.js";

/** A recording that was cut off, by kill -9 or a full disk: what it has is sound, and there was more. */
export interface Truncation {
  /** Where whole segments end, in bytes. */
  readonly truncatedAt: number;
  readonly lastSeq: number;
  readonly lastIcount: number;
}

export interface Log {
  /** A digest that tells this run from any other, and from itself before more was recorded. */
  readonly identity: bigint;
  /** The latest that a segment of it has. */
  readonly formatVersion: number;
  readonly header: LogHeader;
  /** Where it begins: at reset, or at the position of its first snapshot. */
  readonly start: Position;
  /** Present in a recording that was ended; then `truncated` is absent, and the other way round. */
  readonly end: LogEnd | undefined;
  readonly truncated: Truncation | undefined;
  /** In all, with what a cut-off write left behind. */
  readonly byteLength: number;
  readonly segmentCount: number;
  readonly eventCount: number;
  /** The last event's; those of the start in a recording without any. */
  readonly lastSeq: number;
  readonly lastIcount: number;
  /** Where whole segments end. */
  readonly wholeBytes: number;
  /** The header of the last whole segment. */
  readonly last: SegmentHeader;
  /** The images that it carries, by their SHA-256; their bytes are checked against that by who reads them all. */
  readonly contents: ReadonlyMap<string, ImageContents>;
  /** By position. */
  readonly snapshots: readonly SnapshotDescription[];
  /** The saved state of a snapshot. Throws LogError NO_SUCH_SNAPSHOT, or where it is damaged. */
  readSnapshot(name: string): Uint8Array;
  /** The saved state that it begins with; undefined: the state at reset. */
  readStart(): Uint8Array | undefined;
  /** The events in order, from `fromSeq` on. Throws LogError for an event that is unknown or not as its codec says. */
  events(options?: { readonly fromSeq?: number }): Generator<PositionedEvent, void>;
  /** All whole segments in order; `raw` is the payload before compression. */
  segments(): Generator<{ readonly header: SegmentHeader; readonly raw: () => Uint8Array }, void>;
  close(): void;
}

/** Closes the source where it fails. Throws LogError for damage of any kind; a torn tail is none. */
export const openLog = (source: ByteSource | Uint8Array): Log => {
  const bytes = source instanceof Uint8Array ? bytesSource(source) : source;
  try {
    return open(bytes);
  } catch (error) {
    bytes.close();
    throw error;
  }
};

const open = (source: ByteSource): Log => {
  const { first, last, ending, eventSegments, lastEvents, segmentCount, wholeBytes, snapshots, images, run } =
    survey(source);

  const eventsOf = (segment: Segment): SegmentEvents =>
    new SegmentEvents(rawOf(segment), segment.header, knownFormat(segment.header.version), segment.place);

  const header = headerOf(first);
  const start: Position = header.start === undefined ? RESET : positionOf(header.start.seq, header.start.icount);
  requireStartFits(header, first, snapshots);
  const contents = images.named(header.images);
  const { seq: lastSeq, icount: lastIcount } = (lastEvents && lastOf(eventsOf(lastEvents))) ?? start;
  const end = ending === undefined ? undefined : decodeEnd(jsonOf(ending, "INVALID_END"), ending.place);
  if (end !== undefined && ending !== undefined) requireEndFits(end, ending, lastSeq, lastIcount);

  // Not beyond what was checked when it was opened: the file may be one that still grows.
  const checked = { ...source, size: wholeBytes };
  return {
    identity: run.of(header, header.start === undefined ? undefined : snapshots.first?.hash),
    formatVersion: last.header.version,
    header,
    start,
    end,
    truncated: end === undefined ? { truncatedAt: wholeBytes, lastSeq, lastIcount } : undefined,
    byteLength: source.size,
    segmentCount,
    eventCount: lastSeq - start.seq,
    lastSeq,
    lastIcount,
    wholeBytes,
    last: last.header,
    contents,
    snapshots: snapshots.all,
    readSnapshot: (name) => snapshots.read(name),
    readStart: () => (header.start === undefined ? undefined : snapshots.readFirst()),
    *events({ fromSeq = 1 } = {}) {
      let previousIcount = 0;
      const from = eventSegments.findLast(({ firstSeq }) => firstSeq <= fromSeq) ?? eventSegments[0];
      if (from === undefined) return;
      for (const segment of walkSegments(checked, from)) {
        const { kind, firstSeq, firstIcount, count } = segment.header;
        if (kind !== "events" || firstSeq + count <= fromSeq) continue;
        if (firstIcount < previousIcount) throw outOfOrder(segment.place, firstSeq, firstIcount, previousIcount);
        const events = eventsOf(segment);
        for (let positioned = events.next(); positioned !== undefined; positioned = events.next()) {
          previousIcount = positioned.icount;
          if (positioned.seq >= fromSeq) yield positioned;
        }
      }
    },
    *segments() {
      for (const segment of walkSegments(checked)) yield { header: segment.header, raw: () => rawOf(segment) };
    },
    close() {
      source.close();
    },
  };
};

/** The header alone, of a recording of any length. Throws LogError. */
export const readLogHeader = (source: ByteSource): LogHeader => {
  for (const first of walkSegments(source)) return headerOf(first);
  throw new Error("the walk throws on a recording without a segment");
};

const headerOf = (first: Segment): LogHeader =>
  decodeHeader(knownFormat(first.header.version).header(jsonOf(first, "INVALID_HEADER")), first.place);

const lastOf = (events: SegmentEvents): PositionedEvent | undefined => {
  let last: PositionedEvent | undefined;
  for (let next = events.next(); next !== undefined; next = events.next()) last = next;
  return last;
};

const RESET = positionOf(0, 0);

/** Where events can be read from on. */
interface EventSegment extends WalkStart {
  readonly firstSeq: number;
}

const survey = (source: ByteSource) => {
  const walk = walkSegments(source);
  let first: Segment | undefined;
  let last: Segment | undefined;
  let lastEvents: Segment | undefined;
  let ending: Segment | undefined;
  let segmentCount = 0;
  const eventSegments: EventSegment[] = [];
  const snapshots = new SnapshotIndex(source);
  const images = new ImageIndex(source);
  const run = new RunIdentity();
  for (;;) {
    const { done, value } = walk.next();
    if (done === true) {
      if (first === undefined || last === undefined)
        throw new Error("the walk throws on a recording without a segment");
      return {
        first,
        last,
        ending,
        eventSegments,
        lastEvents,
        segmentCount,
        wholeBytes: value,
        snapshots,
        images,
        run,
      };
    }
    first ??= value;
    if (value.header.kind === "events") {
      eventSegments.push({ place: value.place, previous: last?.header, firstSeq: value.header.firstSeq });
      lastEvents = value;
    }
    last = value;
    if (value.header.kind === "end") ending = value;
    run.see(value.header);
    snapshots.see(value);
    images.see(value);
    segmentCount++;
  }
};

/** The start of a recording that does not begin at reset is the snapshot that follows its header. */
const requireStartFits = ({ start }: LogHeader, { header, place }: Segment, { first }: SnapshotIndex): void => {
  const { seq, icount } = start ?? RESET;
  if (header.firstSeq !== seq + 1 || header.firstIcount !== icount) {
    throw new LogError("INVALID_HEADER", "its start is not where its segment header says", {
      ...place,
      field: "start",
    });
  }
  if (start === undefined) return;
  if (first === undefined) {
    throw new LogError("HEADER_INCOMPLETE", "the file ends before the state that it starts from; record again", place);
  }
  if (first.name !== start.name || first.seq !== seq || first.icount !== icount) {
    throw new LogError("INVALID_HEADER", "the snapshot that follows is not its start", { ...place, field: "start" });
  }
};

const requireEndFits = (end: LogEnd, { place, header }: Segment, lastSeq: number, lastIcount: number): void => {
  if (end.seq !== lastSeq) {
    throw new LogError("INVALID_END", `it names event ${String(end.seq)} as the last, which is ${String(lastSeq)}`, {
      ...place,
      field: "seq",
    });
  }
  if (end.icount < lastIcount || end.icount !== header.firstIcount) {
    const what = `it ends at icount ${String(end.icount)}, its header says ${String(header.firstIcount)}, the last event ${String(lastIcount)}`;
    throw new LogError("INVALID_END", what, { ...place, field: "icount" });
  }
};

const outOfOrder = (place: LogPlace, seq: number, icount: number, previousIcount: number): LogError =>
  new LogError("OUT_OF_ORDER", `icount ${String(icount)} comes after ${String(previousIcount)}`, {
    ...place,
    seq,
    field: "icount",
  });
