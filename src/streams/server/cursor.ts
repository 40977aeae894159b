/**
 * Where a row stands in a stream, as the `id` of a Server-Sent Event: an event's is its seq. What a question found
 * stands between two events, and several may stand at one instruction: `SEQ@ICOUNT+N` is the Nth of them there.
 */
import type { StreamRow } from "../rows/index.js";

export interface Cursor {
  readonly seq: number;
  /** Absent: the event itself. */
  readonly found?: { readonly icount: number; readonly count: number } | undefined;
}

const FORM = /^(\d{1,15})(?:@(\d{1,15})\+(\d{1,15}))?$/;

/** Undefined: it is none. */
export function cursorOf(text: string): Cursor | undefined {
  const [, seq, icount, count] = FORM.exec(text) ?? [];
  if (seq === undefined) return undefined;
  return {
    seq: Number(seq),
    found: icount === undefined ? undefined : { icount: Number(icount), count: Number(count) },
  };
}

export interface NumberedRow {
  readonly id: string;
  readonly row: StreamRow;
}

export const isEvent = ({ kind }: StreamRow): boolean => kind === "input" || kind === "predicted";

/** Each row with its place. Those up to `after` are left out: whoever has that one gets each other row once. */
export async function* numbered(
  rows: AsyncIterable<StreamRow> | Iterable<StreamRow>,
  after?: Cursor,
): AsyncGenerator<NumberedRow, void> {
  let [seq, icount, count] = [-1, -1, 0];
  for await (const row of rows) {
    if (isEvent(row)) {
      if (after === undefined || row.seq > after.seq) yield { id: String(row.seq), row };
      continue;
    }
    count = row.seq === seq && row.icount === icount ? count + 1 : 1;
    [seq, icount] = [row.seq, row.icount];
    if (after !== undefined && !isBehind({ seq, found: { icount, count } }, after)) continue;
    yield { id: `${String(seq)}@${String(icount)}+${String(count)}`, row };
  }
}

/** Of a row that was found. */
function isBehind({ seq, found }: Cursor, after: Cursor): boolean {
  if (seq !== after.seq || after.found === undefined || found === undefined) return seq >= after.seq;
  if (found.icount !== after.found.icount) return found.icount > after.found.icount;
  return found.count > after.found.count;
}
