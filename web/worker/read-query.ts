/** Rows of a query, told a few at a time, up to a limit. */
import type { Query } from "../../src/streams/past/query/index.js";
import type { PageRow, Progress } from "../protocol.js";
import { PageError } from "./cancelled.js";
import type { Turns } from "./turns.js";

/** A page shows tables and marks. */
export const MAX_PAGE_ROWS = 100_000;

export interface Reader {
  readonly turns: Turns;
  readonly signal: AbortSignal;
  readonly part: (rows: readonly PageRow[]) => void;
  readonly progress: (progress: Progress) => void;
}

export interface Told {
  readonly rows: number;
  readonly hasMore: boolean;
}

/** `shown`: undefined where a row is not wanted. Throws as the query does. */
export async function readQuery<Row>(
  query: Query<Row>,
  limit: number,
  shown: (row: Row) => PageRow | undefined,
  reader: Reader,
): Promise<Told> {
  const most = checkedLimit(limit);
  const { recording } = query;
  const total = recording.info.instructions;
  const told = query.withProgress(({ icount }) => {
    reader.progress({ done: icount, total });
  });
  return reader.turns.run(limited(told.batches(), most, shown, reader), { signal: reader.signal });
}

/** @throws {PageError} */
export function checkedLimit(limit: number): number {
  if (Number.isInteger(limit) && limit > 0 && limit <= MAX_PAGE_ROWS) return limit;
  throw new PageError(`a limit of ${String(limit)} rows: expected a whole number from 1 to ${String(MAX_PAGE_ROWS)}`);
}

/** Told as they come; the one beyond the limit ends it. */
export function* limited<Row>(
  batches: Iterable<readonly Row[]>,
  most: number,
  shown: (row: Row) => PageRow | undefined,
  { part }: Pick<Reader, "part">,
): Generator<undefined, Told> {
  let rows = 0;
  for (const batch of batches) {
    const wanted = batch.map(shown).filter((row) => row !== undefined);
    const room = wanted.slice(0, most - rows);
    if (room.length > 0) part(room);
    rows += room.length;
    if (wanted.length > room.length) return { rows, hasMore: true };
    yield undefined;
  }
  return { rows, hasMore: false };
}
