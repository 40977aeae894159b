/**
 * Where a row stands in a stream, as the `id` of a Server-Sent Event: an event's is its seq. What a question found
 * stands between two events, and several may stand at one instruction: `SEQ@ICOUNT+N` is the Nth of them there.
 */
import type { Recording } from "../past/recording.js";
import { isEventRow, type StreamRow } from "../rows/index.js";
import { wrong } from "./parameters.js";

export interface Cursor {
  readonly seq: number;
  /** Absent: the event itself. */
  readonly found?: { readonly icount: number; readonly count: number } | undefined;
}

const FORM = /^(\d{1,15})(?:@(\d{1,15})\+(\d{1,15}))?$/;

/** Undefined: the reader has none. @throws {Refusal} */
export function cursorGiven(lastId: string | undefined): Cursor | undefined {
  if (lastId === undefined) return undefined;
  const [, seq, icount, count] = FORM.exec(lastId) ?? [];
  if (seq === undefined)
    throw wrong("Last-Event-ID", `${JSON.stringify(lastId)} is no id of a row: SEQ, or SEQ@ICOUNT+N`);
  const found = icount === undefined ? undefined : { icount: Number(icount), count: Number(count) };
  return { seq: Number(seq), found };
}

/** @throws {Refusal} where the recording does not come so far: it is not the one whose row that was */
export function requireThere({ log }: Pick<Recording, "log">, cursor: Cursor | undefined): void {
  if (cursor === undefined) return;
  const { seq, found } = cursor;
  const { lastSeq, end, lastIcount } = log;
  const icount = end?.icount ?? lastIcount;
  if (seq <= lastSeq && (found?.icount ?? 0) <= icount) return;
  throw wrong(
    "Last-Event-ID",
    `${JSON.stringify(idOf(cursor))} is behind the end of the recording, ${String(lastSeq)}@${String(icount)}`,
  );
}

export interface NumberedRow {
  /** Undefined: nobody can go on behind it. */
  readonly id: string | undefined;
  readonly row: StreamRow;
}

/** Counts what is found at one instruction. It must see all rows, in order. */
export class Numbering {
  private last = { seq: -1, icount: -1, count: 0 };

  of(row: StreamRow): Cursor {
    const { seq, icount } = row;
    if (isEventRow(row)) return { seq };
    const count = seq === this.last.seq && icount === this.last.icount ? this.last.count + 1 : 1;
    this.last = { seq, icount, count };
    return { seq, found: { icount, count } };
  }

  idOf(row: StreamRow): string {
    return idOf(this.of(row));
  }
}

const idOf = ({ seq, found }: Cursor): string =>
  found === undefined ? String(seq) : `${String(seq)}@${String(found.icount)}+${String(found.count)}`;

/** Each row with its place. Those up to `after` are left out: whoever has that one gets each other row once. */
export async function* numbered(
  rows: AsyncIterable<StreamRow>,
  after?: Cursor,
  numbering = new Numbering(),
): AsyncGenerator<NumberedRow, void> {
  for await (const row of rows) {
    const at = numbering.of(row);
    if (after === undefined || isBehind(at, after)) yield { id: idOf(at), row };
  }
}

function isBehind({ seq, found }: Cursor, after: Cursor): boolean {
  if (found === undefined) return seq > after.seq;
  if (seq !== after.seq || after.found === undefined) return seq >= after.seq;
  if (found.icount !== after.found.icount) return found.icount > after.found.icount;
  return found.count > after.found.count;
}
