/** Reads a recording: checks all of its framing when opened, then streams its events, segment by segment, in constant memory. */
import type { PositionedEvent } from "../../reducers/events.js";
import type { ByteSource } from "./byte-source.js";
import { bytesSource, fileSource } from "./byte-source.js";
import type { LogEnd } from "./end.js";
import { decodeEnd } from "./end.js";
import { decodeEvents } from "./event-columns.js";
import type { LogHeader } from "./header.js";
import { decodeHeader } from "./header.js";
import type { LogErrorCode, LogPlace } from "./log-error.js";
import { LogError } from "./log-error.js";
import type { Segment } from "./segment-walk.js";
import { rawOf, walkSegments } from "./segment-walk.js";
import { formatOf } from "./upcast.js";

/** A recording that was cut off, by kill -9 or a full disk: what it has is sound, and there was more. */
export interface Truncation {
  /** Where whole segments end, in bytes. */
  readonly truncatedAt: number;
  readonly lastSeq: number;
  readonly lastIcount: number;
}

export interface Log {
  readonly formatVersion: number;
  readonly header: LogHeader;
  /** Present in a recording that was ended; then `truncated` is absent, and the other way round. */
  readonly end: LogEnd | undefined;
  readonly truncated: Truncation | undefined;
  /** In all, with what a cut-off write left behind. */
  readonly byteLength: number;
  readonly segmentCount: number;
  readonly eventCount: number;
  /** The last event's; 0 in a recording without any. */
  readonly lastSeq: number;
  readonly lastIcount: number;
  /** The events in order, from `fromSeq` on. Throws LogError for an event that is unknown or not as its codec says. */
  events(options?: { readonly fromSeq?: number }): Generator<PositionedEvent, void>;
  close(): void;
}

/** From a path, or bytes. Throws LogError for damage of any kind; a torn tail is none. */
export const openLog = (source: string | Uint8Array): Log => {
  const bytes = typeof source === "string" ? fileSource(source) : bytesSource(source);
  try {
    return open(bytes);
  } catch (error) {
    bytes.close();
    throw error;
  }
};

const open = (source: ByteSource): Log => {
  const { first, last, lastEvents, segmentCount, wholeBytes } = survey(source);
  const format = formatOf(first.header.version);
  if (format === undefined) throw new Error("the walk lets no unknown version pass");

  const eventsOf = ({ header, place, ...segment }: Segment): PositionedEvent[] =>
    decodeEvents(rawOf({ header, place, ...segment }), header, format, place);

  const { seq: lastSeq, icount: lastIcount } = (lastEvents && eventsOf(lastEvents).at(-1)) ?? { seq: 0, icount: 0 };
  const end = last.header.kind === "end" ? decodeEnd(jsonOf(last, "INVALID_END"), last.place) : undefined;
  if (end !== undefined) requireEndFits(end, last, lastSeq, lastIcount);

  return {
    formatVersion: first.header.version,
    header: decodeHeader(format.header(jsonOf(first, "INVALID_HEADER")), first.place),
    end,
    truncated: end === undefined ? { truncatedAt: wholeBytes, lastSeq, lastIcount } : undefined,
    byteLength: source.size,
    segmentCount,
    eventCount: lastSeq,
    lastSeq,
    lastIcount,
    *events({ fromSeq = 1 } = {}) {
      let previousIcount = 0;
      // Not beyond what was checked when it was opened: the file may be one that still grows.
      for (const segment of walkSegments({ ...source, size: wholeBytes })) {
        const { kind, firstSeq, firstIcount, count } = segment.header;
        if (kind !== "events" || firstSeq + count <= fromSeq) continue;
        if (firstIcount < previousIcount) throw outOfOrder(segment.place, firstSeq, firstIcount, previousIcount);
        for (const positioned of eventsOf(segment)) {
          previousIcount = positioned.icount;
          if (positioned.seq >= fromSeq) yield positioned;
        }
      }
    },
    close() {
      source.close();
    },
  };
};

const survey = (source: ByteSource) => {
  const walk = walkSegments(source);
  let first: Segment | undefined;
  let last: Segment | undefined;
  let lastEvents: Segment | undefined;
  let segmentCount = 0;
  for (;;) {
    const { done, value } = walk.next();
    if (done === true) {
      if (first === undefined || last === undefined)
        throw new Error("the walk throws on a recording without a segment");
      return { first, last, lastEvents, segmentCount, wholeBytes: value };
    }
    first ??= value;
    last = value;
    if (value.header.kind === "events") lastEvents = value;
    segmentCount++;
  }
};

const jsonOf = (segment: Segment, code: LogErrorCode): unknown => {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(rawOf(segment)));
  } catch (error) {
    if (error instanceof LogError) throw error;
    throw new LogError(code, "its contents are no JSON", segment.place, { cause: error });
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
