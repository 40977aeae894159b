/** Ends a question for which nobody waits any more, or that has taken too long. */
import type { Query } from "../past/query/index.js";
import type { RowOfHart } from "../past/query/row.js";
import { Refusal } from "./refusal.js";

export interface Watch {
  /** @throws {Refusal} where its time is over */
  readonly check: () => void;
  readonly watched: <Row extends RowOfHart>(query: Query<Row>) => Query<Row>;
  /** The same steps, which it ends. */
  readonly steps: <End>(steps: Generator<unknown, End>) => Generator<undefined, End>;
}

export function watchOf(signal: AbortSignal, mostMs: number): Watch {
  const untilMs = performance.now() + mostMs;
  const check = (): void => {
    if (signal.aborted) throw new Refusal(499, "GONE", "who asked has gone");
    if (performance.now() <= untilMs) return;
    throw new Refusal(
      504,
      "TIMEOUT",
      `it took longer than ${String(mostMs / 1000)} s: ask for less with from and to, or serve with --query-time`,
    );
  };
  return { check, watched: (query) => query.withProgress(check), steps: (steps) => checked(steps, check) };
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
