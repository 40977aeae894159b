/** What happened, as tools on streams read it: whatever it is, a row says where, when and on which hart. */
import { rowOf, type PositionedEvent } from "../../reducers/events.js";
import { streamEventOf, type Instant, type StreamEvent } from "../../reducers/stream-event.js";
import type { VirtualNs } from "../../reducers/position.js";
import type { RowOfHart } from "../past/query/row.js";

/**
 * An event as a row. `hart`: whose turn it was; undefined where only the log was read, which does not say it of a
 * machine with several.
 */
export type EventRow = { readonly kind: "input" | "predicted"; readonly hart: number | undefined } & StreamEvent;

/** What a question found. `kind`: the question's word, as `calls`. */
export interface FoundRow extends RowOfHart {
  readonly kind: string;
}

/** Of a machine that waits for no reader: so many rows are lost to this one. Its place is that of the last of them. */
export interface GapRow extends Instant {
  readonly kind: "gap";
  readonly hart: number | undefined;
  readonly lost: number;
}

/** `{ kind, seq, icount, ns, hart, ... }`, and what else a row of its kind has. */
export type StreamRow = EventRow | FoundRow | GapRow;

/** What all rows have. */
export interface AnyRow extends Instant {
  readonly kind: string;
  readonly hart: number | undefined;
}

export const isEventRow = (row: StreamRow): row is EventRow => row.kind === "input" || row.kind === "predicted";

export const originOf = ({ type }: StreamEvent): EventRow["kind"] => rowOf(type).origin;

/**
 * In a row of its own: the event is somebody else's too. `kind` first, as a reader of NDJSON wants it. Field by field:
 * a spread takes three times as long.
 */
export function eventRow(event: StreamEvent, hart: number | undefined): EventRow {
  const { seq, icount, ns, type } = event;
  const { origin: kind, payload } = rowOf(type);
  const row: Record<string, unknown> = { kind, hart, seq, icount, ns, type };
  for (const field in payload) row[field] = event[field as keyof StreamEvent];
  return row as unknown as EventRow;
}

export const positionedRow = (event: PositionedEvent, ns: VirtualNs, hart: number): EventRow =>
  eventRow(streamEventOf(event, ns), hart);
