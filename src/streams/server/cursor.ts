/**
 * Where a row stands in a stream, as the `id` of a Server-Sent Event: an event's is its seq. What a question found
 * stands between two events, and several may stand at one instruction: `SEQ@ICOUNT+N` is the Nth of them there. Of a
 * machine that runs, `RUN.` before it says which run it is a row of.
 */
import type { PlainPosition } from "../../reducers/position.js";
import type { Log } from "../store/log/index.js";
import { isEventRow, type StreamRow } from "../rows/index.js";
import { wrong } from "./parameters.js";

export interface Cursor {
  readonly seq: number;
  /** Absent: the event itself. */
  readonly found?: { readonly icount: number; readonly count: number } | undefined;
}

const FORM = /^(?:([\w-]{1,32})\.)?(\d{1,15})(?:@(\d{1,15})\+(\d{1,15}))?$/;

/**
 * `run`: the one that is served. Undefined: the reader has no row. @throws {Refusal} where that is none, or of another
 * run
 */
export function cursorGiven(lastId: string | undefined, run?: string): Cursor | undefined {
  if (lastId === undefined) return undefined;
  const [, ofRun, seq, icount, count] = FORM.exec(lastId) ?? [];
  const said = JSON.stringify(lastId);
  if (seq === undefined) throw wrong("Last-Event-ID", `${said} is no id of a row: SEQ, or SEQ@ICOUNT+N`);
  if (ofRun !== undefined && ofRun !== run)
    throw wrong("Last-Event-ID", `${said} is a row of another run: begin anew, without it`);
  const found = icount === undefined ? undefined : { icount: Number(icount), count: Number(count) };
  return { seq: Number(seq), found };
}

/** `end`: of what it is a row of. @throws {Refusal} where that does not come so far: it is not the one it was */
export function requireThere(end: PlainPosition, cursor: Cursor | undefined): void {
  if (cursor === undefined) return;
  const { seq, found } = cursor;
  if (seq <= end.seq && (found?.icount ?? 0) <= end.icount) return;
  throw wrong(
    "Last-Event-ID",
    `${JSON.stringify(idOf(cursor))} is behind the end of the recording, ${String(end.seq)}@${String(end.icount)}`,
  );
}

export const endOf = ({ end, lastSeq, lastIcount }: Pick<Log, "end" | "lastSeq" | "lastIcount">): PlainPosition =>
  end ?? { seq: lastSeq, icount: lastIcount };

export interface NumberedRow {
  /** Undefined: nobody can go on behind it. */
  readonly id: string | undefined;
  readonly row: StreamRow;
}

/** Counts what is found at one instruction. It must see all rows, in order. */
export class Numbering {
  /** Without a count: rows there were not seen, so that nobody knows which of them the next is. */
  private last: PlainPosition & { readonly count?: number } = { seq: -1, icount: -1 };

  constructor(private readonly run?: string) {}

  /** Rows up to there are not seen, and there may be more at that instant. */
  missed({ seq, icount }: PlainPosition): void {
    this.last = { seq, icount };
  }

  /** Undefined: nobody can go on behind it. */
  of(row: StreamRow): Cursor | undefined {
    const { seq, icount } = row;
    if (row.kind === "gap") {
      this.missed(row);
      return undefined;
    }
    if (isEventRow(row)) return { seq };
    const isThere = seq === this.last.seq && icount === this.last.icount;
    if (isThere && this.last.count === undefined) return undefined;
    const count = isThere ? (this.last.count ?? 0) + 1 : 1;
    this.last = { seq, icount, count };
    return { seq, found: { icount, count } };
  }

  idOf(at: Cursor | undefined): string | undefined {
    if (at === undefined) return undefined;
    return this.run === undefined ? idOf(at) : `${this.run}.${idOf(at)}`;
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
    if (at === undefined || after === undefined || isBehind(at, after)) yield { id: numbering.idOf(at), row };
  }
}

function isBehind({ seq, found }: Cursor, after: Cursor): boolean {
  if (found === undefined) return seq > after.seq;
  if (seq !== after.seq || after.found === undefined) return seq >= after.seq;
  if (found.icount !== after.found.icount) return found.icount > after.found.icount;
  return found.count > after.found.count;
}
