/** Rows that a row of another question follows, or that none does. */
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

/** Each row with the first one behind it. Reading it runs both questions. @throws {OptionError} */
export const followedBy = <Row extends Instant, Other extends Instant>(
  other: Query<Other>,
  options: BesideOptions<Row, Other> = {},
): QueryOperator<Row, Row & { readonly following: Other }> =>
  beside({
    ...{ who: "followedBy", other, options, search: firstBehind<Other> },
    nextOf: (row: Row, following) => (following === undefined ? undefined : { ...row, following }),
  });

/** The rows that have none. @throws {OptionError} */
export const notFollowedBy = <Row extends Instant, Other extends Instant>(
  other: Query<Other>,
  options: BesideOptions<Row, Other> = {},
): QueryOperator<Row, Row> => alone({ who: "notFollowedBy", other, options, search: firstBehind<Other> });

/** Remembers the rows ahead that are of other keys. */
function firstBehind<Other extends Instant>(rows: Nearness<Other>): NeighbourSearch<Other> {
  const ahead = new Ahead<Other>();
  return {
    *of(row, key) {
      ahead.passTo(row);
      const known = ahead.first(key);
      if (known !== undefined) return rows.isNear(known, row) ? known : undefined;
      for (let next = yield* rows.next(); next !== undefined; next = yield* rows.next()) {
        const isBehind = isBefore(row, next);
        if (isBehind && !rows.isNear(row, next)) return undefined;
        rows.pass();
        if (!isBehind) continue;
        if (ahead.size >= MAX_ROWS_BESIDE) throw rows.tooMany();
        ahead.add(rows.keyOf(next), next);
        if (Object.is(rows.keyOf(next), key)) return next;
      }
      return undefined;
    },
    leave: () => {
      rows.leave();
    },
  };
}

/** Rows in order, all together and by key. */
class Ahead<Row extends Instant> {
  private readonly all = new Map<Row, unknown>();
  private readonly byKey = new Map<unknown, Set<Row>>();

  get size(): number {
    return this.all.size;
  }

  add(key: unknown, row: Row): void {
    this.all.set(row, key);
    const same = this.byKey.get(key);
    if (same === undefined) this.byKey.set(key, new Set([row]));
    else same.add(row);
  }

  first(key: unknown): Row | undefined {
    const [first] = this.byKey.get(key) ?? [];
    return first;
  }

  /** Forgets what is not behind a place. */
  passTo(place: Instant): void {
    for (const [row, key] of this.all) {
      if (isBefore(place, row)) return;
      this.all.delete(row);
      const same = this.byKey.get(key);
      same?.delete(row);
      if (same?.size === 0) this.byKey.delete(key);
    }
  }
}
