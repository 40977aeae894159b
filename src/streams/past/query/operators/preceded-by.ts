/** Rows that a row of another question precedes, or that none does. */
import type { Instant } from "../../../../reducers/stream-event.js";
import type { Query, QueryOperator } from "../query.js";
import {
  alone,
  beside,
  isBefore,
  MAX_ROWS_BESIDE,
  type BesideOptions,
  type Nearness,
  type NeighbourSearch,
} from "./beside.js";

/**
 * Each row with the last one before it, as SQL's `ASOF JOIN` has it. Reading it runs both questions. @throws
 * {OptionError}
 */
export const precededBy = <Row extends Instant, Other extends Instant>(
  other: Query<Other>,
  options: BesideOptions<Row, Other> = {},
): QueryOperator<Row, Row & { readonly preceding: Other }> =>
  beside({
    ...{ who: "precededBy", other, options, search: latestBefore<Other> },
    nextOf: (row: Row, preceding) => (preceding === undefined ? undefined : { ...row, preceding }),
  });

/** The rows that have none. @throws {OptionError} */
export const notPrecededBy = <Row extends Instant, Other extends Instant>(
  other: Query<Other>,
  options: BesideOptions<Row, Other> = {},
): QueryOperator<Row, Row> => alone({ who: "notPrecededBy", other, options, search: latestBefore<Other> });

/** Remembers the last row of each key, those that came first at the front. */
function latestBefore<Other extends Instant>(rows: Nearness<Other>): NeighbourSearch<Other> {
  const latest = new Map<unknown, Other>();
  const forget = (at: Other): void => {
    const [oldest] = latest;
    if (oldest === undefined || rows.isNear(oldest[1], at)) throw rows.tooMany();
    latest.delete(oldest[0]);
  };
  return {
    *of(row, key) {
      for (let next = yield* rows.next(); next !== undefined && isBefore(next, row); next = yield* rows.next()) {
        rows.pass();
        latest.delete(rows.keyOf(next));
        if (latest.size >= MAX_ROWS_BESIDE) forget(next);
        latest.set(rows.keyOf(next), next);
      }
      const found = latest.get(key);
      return found !== undefined && rows.isNear(found, row) ? found : undefined;
    },
    leave: () => {
      rows.leave();
    },
  };
}
