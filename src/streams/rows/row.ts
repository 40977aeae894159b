/** What happened, as tools on streams read it: whatever it is, a row says where, when and on which hart. */
import type { Instant, StreamEvent } from "../../reducers/stream-event.js";
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

/** `{ kind, seq, icount, ns, hart, ... }`, and what else a row of its kind has. */
export type StreamRow = EventRow | FoundRow;

/** What all rows have. */
export interface AnyRow extends Instant {
  readonly kind: string;
  readonly hart: number | undefined;
}
