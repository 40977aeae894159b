/**
 * Writes a recording: events are collected into segments, and each segment goes out whole, in one write, never to
 * change.
 */
import type * as t from "io-ts";

import { EVENTS, type MachineEvent } from "../../../reducers/events.js";
import type { GivenPositioned } from "../../../reducers/stream-event.js";
import { Bytes, Count, Text } from "../../../reducers/scalars.js";
import type { ImageContents } from "../image-contents.js";
import type { LogEnd } from "./end.js";
import { encodeEnd } from "./end.js";
import { faultOf, isEvent } from "../../../reducers/event-boundary.js";
import { EventColumns } from "./event-columns.js";
import type { LogHeader, LogStart } from "./header.js";
import { encodeHeader } from "./header.js";
import { writeImage } from "./image-segments.js";
import { LogError } from "./log-error.js";
import type { LogSink } from "./log-sink.js";
import { SegmentChain } from "./segment-chain.js";
import { writeForgotten, writeSnapshot, type Snapshot } from "./snapshot-segments.js";
import { BRANCH_VERSION, CURRENT_LAYOUT, FIRST_VERSION, IMAGES_VERSION, SNAPSHOT_VERSION } from "./upcast.js";
import { utf8Length } from "./utf8-length.js";

/** What an event's bytes and texts may take together; what brings in more splits it into several events. */
export const MAX_EVENT_BYTES = 128 * 1024;

/**
 * Where a segment is full without being told: near the reach of an LZ4 match, and with the largest event still below
 * MAX_RAW_BYTES.
 */
const FULL_SEGMENT_BYTES = 64 * 1024;

export interface LogWriter {
  readonly lastSeq: number;
  readonly lastIcount: number;
  /** Events that the sink does not have yet: what kill -9 would lose. */
  readonly pendingEvents: number;
  /** Bytes that the sink has. */
  readonly bytesWritten: number;
  /**
   * Throws LogError OUT_OF_ORDER unless seq is lastSeq + 1 and icount not before lastIcount; INVALID_EVENT;
   * EVENT_TOO_LARGE.
   */
  append(event: GivenPositioned): void;
  /** Makes a segment of the pending events; when to do so is the caller's to decide, by time. */
  flush(): void;
  /**
   * Puts a snapshot of the present position in; throws LogError INVALID_SNAPSHOT, or OUT_OF_ORDER for another position.
   */
  snapshot(snapshot: Snapshot): void;
  /** Takes a snapshot's name away. */
  forget(name: string): void;
  /** Ends a whole recording. Throws LogError INVALID_END where `end` does not fit what was appended. */
  close(end: LogEnd): void;
  /** Ends it without an end, as a crash does: the recording reads as truncated. Does nothing on a closed writer. */
  abandon(): void;
}

/** What stands in a recording before its first event, behind the header. */
export interface LogBeginning {
  /** The state that it begins with; absent: the one at reset. */
  readonly start?: Snapshot | undefined;
  /** Images that the header names, to be carried along. */
  readonly contents?: readonly ImageContents[] | undefined;
}

/**
 * Begins a recording: its header is in the sink when this returns, and the snapshot that it begins with, where it does.
 * Throws LogError INVALID_HEADER or what the sink throws.
 */
export const openWriter = (
  sink: LogSink,
  { machine, images, parent }: Omit<LogHeader, "start">,
  { start, contents = [] }: LogBeginning = {},
): LogWriter => {
  const columns = new EventColumns(CURRENT_LAYOUT);
  const chain = new SegmentChain(sink, versionOf({ start, contents }, parent));
  let lastSeq = start?.seq ?? 0;
  let lastIcount = start?.icount ?? 0;
  let firstIcount = 0;
  /** What comes as the same value time after time needs no other check, as long as nobody can have changed it. */
  let checked: MachineEvent | undefined;

  const flush = (): void => {
    chain.requireOpen();
    const { count } = columns;
    if (count > 0) chain.write({ kind: "events", firstSeq: lastSeq - count + 1, firstIcount, count }, columns.take());
  };

  const header = { machine, images, parent, start: start && startOf(start) };
  writeBeginning(chain, encodeHeaderOrClose(sink, header), { start, contents });

  return {
    get lastSeq() {
      return lastSeq;
    },
    get lastIcount() {
      return lastIcount;
    },
    get pendingEvents() {
      return columns.count;
    },
    get bytesWritten() {
      return chain.bytesWritten;
    },
    append(positioned) {
      chain.requireOpen();
      requireNext(positioned, lastSeq, lastIcount);
      if (positioned.event !== checked) {
        requireRecordable(positioned);
        checked = Object.isFrozen(positioned.event) ? positioned.event : undefined;
      }
      if (columns.count === 0) firstIcount = positioned.icount;
      columns.append(positioned);
      lastSeq = positioned.seq;
      lastIcount = positioned.icount;
      if (columns.rawSize >= FULL_SEGMENT_BYTES) flush();
    },
    flush,
    snapshot(snapshot) {
      chain.requireOpen();
      requireSnapshotHere(snapshot, lastSeq, lastIcount);
      flush();
      writeSnapshot(chain, { firstSeq: lastSeq + 1, firstIcount: lastIcount }, snapshot);
    },
    forget(name) {
      flush();
      writeForgotten(chain, { firstSeq: lastSeq + 1, firstIcount: lastIcount }, name);
    },
    close(end) {
      chain.requireOpen();
      const encoded = encodeEnd(end);
      requireEndHere(end, lastSeq, lastIcount);
      flush();
      chain.write({ kind: "end", firstSeq: lastSeq + 1, firstIcount: end.icount, count: 0 }, encoded);
      chain.close();
    },
    abandon() {
      if (!chain.isOpen) return;
      flush();
      chain.close();
    },
  };
};

const requireSnapshotHere = (snapshot: Pick<Snapshot, "seq" | "icount">, lastSeq: number, lastIcount: number): void => {
  if (snapshot.seq === lastSeq && snapshot.icount >= lastIcount) return;
  const here = `the recording has come to event ${String(lastSeq)} at ${String(lastIcount)}`;
  throw new LogError("OUT_OF_ORDER", `a snapshot after event ${String(snapshot.seq)}: ${here}`, { field: "seq" });
};

const requireEndHere = (end: LogEnd, lastSeq: number, lastIcount: number): void => {
  if (end.seq !== lastSeq) {
    throw new LogError("INVALID_END", `the end names event ${String(end.seq)}, the last was ${String(lastSeq)}`, {
      field: "seq",
    });
  }
  if (end.icount < lastIcount) {
    throw new LogError(
      "INVALID_END",
      `the end at ${String(end.icount)} lies before the last event at ${String(lastIcount)}`,
      { field: "icount" },
    );
  }
};

/** The lowest version that has what is needed. */
const versionOf = ({ start, contents = [] }: LogBeginning, parent: LogHeader["parent"]): number => {
  if (parent !== undefined) return BRANCH_VERSION;
  if (contents.length > 0) return IMAGES_VERSION;
  return start === undefined ? FIRST_VERSION : SNAPSHOT_VERSION;
};

const writeBeginning = (chain: SegmentChain, header: Uint8Array, { start, contents = [] }: LogBeginning): void => {
  const place = { firstSeq: (start?.seq ?? 0) + 1, firstIcount: start?.icount ?? 0 };
  chain.write({ kind: "header", ...place, count: 0 }, header);
  writeContents(chain, place, contents);
  if (start !== undefined) writeSnapshot(chain, place, start);
};

/** Each once, whatever its roles. */
const writeContents = (
  chain: SegmentChain,
  place: Parameters<typeof writeImage>[1],
  contents: readonly ImageContents[],
): void => {
  try {
    for (const image of new Map(contents.map((one) => [one.sha256, one])).values()) writeImage(chain, place, image);
  } catch (error) {
    chain.close();
    throw error;
  }
};

const startOf = ({ name, seq, icount }: Snapshot): LogStart => ({ name, seq, icount });

const encodeHeaderOrClose = (sink: LogSink, header: LogHeader): Uint8Array => {
  try {
    return encodeHeader(header);
  } catch (error) {
    sink.close();
    throw error;
  }
};

const requireNext = ({ seq, icount }: GivenPositioned, lastSeq: number, lastIcount: number): void => {
  if (seq !== lastSeq + 1) {
    throw new LogError("OUT_OF_ORDER", `the event after ${String(lastSeq)} must have the next number`, {
      seq,
      field: "seq",
    });
  }
  if (!Count.is(icount) || icount < lastIcount) {
    throw new LogError("OUT_OF_ORDER", `icount ${String(icount)} comes after ${String(lastIcount)}`, {
      seq,
      field: "icount",
    });
  }
};

const requireRecordable = ({ seq, event }: GivenPositioned): void => {
  if (!isEvent(event)) {
    const { code, reason, field } = faultOf(event);
    throw new LogError(code, reason, { seq, ...(field === undefined ? {} : { field }) });
  }
  const { type } = event;
  let size = 0;
  for (const field of LONG_FIELDS.get(type) ?? []) {
    const value = event[field];
    if (value instanceof Uint8Array) size += value.length;
    if (typeof value !== "string") continue;
    size += utf8Length(value);
    // UTF-8 has no encoding for half a surrogate pair: it would be read back as another text.
    if (/\p{Surrogate}/u.test(value)) throw new LogError("INVALID_EVENT", "a text is not Unicode", { seq, field });
  }
  if (size > MAX_EVENT_BYTES) {
    throw new LogError(
      "EVENT_TOO_LARGE",
      `${type} holds ${String(size)} of at most ${String(MAX_EVENT_BYTES)} bytes; split it`,
      { seq },
    );
  }
};

/** The fields that may have any length, of the kinds that have one. */
const LONG_FIELDS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(EVENTS).flatMap(([type, { payload }]) => {
    const long = Object.entries<t.Mixed>(payload).filter(([, codec]) => codec === Bytes || codec === Text);
    return long.length === 0 ? [] : [[type, long.map(([name]) => name)] as const];
  }),
);
