/** Ends a question for which nobody waits any more, or that has taken too long. */
import type { Query } from "../past/query/index.js";
import type { RowOfHart } from "../past/query/row.js";
import { hostTime, type HostTime } from "../time/host-time.js";
import { Refusal } from "./refusal.js";
import type { Asker } from "./slots.js";

export interface Watch extends Asker {
  /** @throws {Refusal} where its time is over */
  readonly check: () => void;
  readonly watched: <Row extends RowOfHart>(query: Query<Row>) => Query<Row>;
  /** The same steps, which it ends. */
  readonly steps: <End>(steps: Generator<unknown, End>) => Generator<undefined, End>;
}

/** Its time goes on while it is worked on: not while it waits for its turn, or for who reads the answer. */
export function watchOf(signal: AbortSignal, mostMs: number, time: Pick<HostTime, "monotonicMs"> = hostTime): Watch {
  let [beforeMs, sinceMs]: [number, number | undefined] = [0, undefined];
  const spentMs = (): number => beforeMs + (sinceMs === undefined ? 0 : time.monotonicMs() - sinceMs);
  const working = async <T>(work: () => Promise<T>): Promise<T> => {
    sinceMs = time.monotonicMs();
    try {
      return await work();
    } finally {
      [beforeMs, sinceMs] = [spentMs(), undefined];
    }
  };
  const check = (): void => {
    if (signal.aborted) throw new Refusal(499, "GONE", "who asked has gone");
    if (spentMs() <= mostMs) return;
    throw new Refusal(
      504,
      "TIMEOUT",
      `it took longer than ${String(mostMs / 1000)} s: ask for less with from and to, or serve with --query-time`,
    );
  };
  const steps: Watch["steps"] = (unwatched) => checked(unwatched, check);
  return { signal, working, check, watched: (query) => query.withProgress(check), steps };
}

function* checked<End>(steps: Generator<unknown, End>, check: () => void): Generator<undefined, End> {
  try {
    for (;;) {
      check();
      const { done, value } = steps.next();
      if (done === true) return value;
      yield undefined;
    }
  } finally {
    steps.return(undefined as End);
  }
}
