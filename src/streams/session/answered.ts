/** The answer to a question, for a person who waits for it: a signal ends it at once. */
import { fromEvent, lastValueFrom, takeUntil, toArray, type Observable } from "rxjs";

import type { Explanation, Pool, Query } from "../past/query/index.js";

export interface AnswerOptions {
  /** The first and the last row are found in this thread. */
  readonly which: "first" | "last" | "all";
  readonly limit: number;
  readonly pool: Pool | undefined;
  readonly signal: AbortSignal;
}

/** Rows, no faster than they are read. Fails as the question does. */
export function answered<Row>(asked: Query<Row>, { which, limit, pool, signal }: AnswerOptions): AsyncIterable<Row> {
  if (which === "all") return untilStopped(limited(pool === undefined ? asked : asked.on(pool), limit), signal);
  return untilStopped(only(which === "first" ? asked.first$ : asked.last$, signal), signal);
}

/** Undefined: a signal came first. */
export const explained = <Row>(asked: Query<Row>, signal: AbortSignal): Promise<Explanation | undefined> =>
  lastValueFrom(asked.explain$.pipe(takeUntil(fromEvent(signal, "abort"))), { defaultValue: undefined });

async function* limited<Row>(asked: AsyncIterable<Row>, limit: number): AsyncGenerator<Row> {
  if (limit === 0) return;
  let taken = 0;
  for await (const row of asked) {
    yield row;
    if ((taken += 1) >= limit) return;
  }
}

/** The row that a stream has, or none. */
async function* only<Row>(row$: Observable<Row>, signal: AbortSignal): AsyncGenerator<Row> {
  yield* await lastValueFrom(row$.pipe(takeUntil(fromEvent(signal, "abort")), toArray()));
}

/** The rows that come before a signal does. */
export async function* untilStopped<Row>(rows: AsyncIterable<Row>, signal: AbortSignal): AsyncGenerator<Row> {
  const iterator = rows[Symbol.asyncIterator]();
  let stop = (): void => undefined;
  signal.addEventListener("abort", () => {
    stop();
  });
  try {
    while (!signal.aborted) {
      // Not `Promise.race`: what never comes would hold on to every row.
      const next = await new Promise<IteratorResult<Row, unknown>>((resolve, reject) => {
        stop = () => {
          resolve({ done: true, value: undefined });
        };
        iterator.next().then(resolve, reject);
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // What it still does, nobody waits for.
    iterator.return?.().catch(() => undefined);
  }
}
