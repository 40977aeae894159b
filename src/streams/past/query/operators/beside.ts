/** What operators have in common that look for a row of another question beside each row. */
import { check } from "../../../../options/check.js";
import { call, distance, exactly, having, maybe, value } from "../../../../options/codecs.js";
import { OptionError } from "../../../../options/option-error.js";
import type { Instant } from "../../../../reducers/stream-event.js";
import type { Query, QueryOperator } from "../query.js";

/** How far away a row may be, and of what kind. */
export interface BesideOptions<Row, Other> {
  readonly withinInsns?: number | undefined;
  /** Of the virtual clock. */
  readonly withinNs?: bigint | number | undefined;
  /** Rows are beside each other only where this is the same for both, as `({ hart }) => hart`. */
  readonly by?: ((row: Row | Other) => unknown) | undefined;
}

/** Looks for the neighbours of rows, each behind the one before. */
export interface NeighbourSearch<Other> {
  /** A stretch at a time, so that the host has its turns. */
  of(row: Instant, key: unknown): Generator<readonly never[], Other | undefined>;
  leave(): void;
}

/** Rows of another question that a search remembers. */
export const MAX_ROWS_BESIDE = 1 << 16;

export interface Beside<Row, Other extends Instant, Next> {
  /** The operator's name. */
  readonly who: string;
  readonly other: Query<Other>;
  readonly options: BesideOptions<Row, Other>;
  readonly search: (nearness: Nearness<Other>) => NeighbourSearch<Other>;
  /** Undefined: no row comes of it. */
  readonly nextOf: (row: Row, neighbour: Other | undefined) => Next | undefined;
}

/** @throws {OptionError} also where the other question is about another recording */
export function beside<Row extends Instant, Other extends Instant, Next>({
  who,
  other,
  options,
  search: open,
  nextOf,
}: Beside<Row, Other, Next>): QueryOperator<Row, Next> {
  check(who, exactly<{ readonly other: unknown }>({ other: QUERY }), { other });
  check(who, OPTIONS, options);
  const { by = (): undefined => undefined } = options;
  return (query) => {
    if (query.recording !== other.recording)
      throw new OptionError(`${who}: other is about another recording; ask both about one`, { option: "other" });
    return query.read((own) => {
      const search = open(new Nearness(who, other, options));
      const waiting: Row[] = [];
      const wait = (row: Row): void => {
        waiting.push(row);
      };
      function* found(): Generator<readonly Next[], void> {
        for (const row of waiting.splice(0)) {
          const next = nextOf(row, yield* search.of(row, by(row)));
          if (next !== undefined) yield [next];
        }
      }
      return {
        ...own,
        // A search goes forward only.
        isOrdered: true,
        others: [...(own.others ?? []), other],
        take(find) {
          own.take(find, wait);
        },
        end() {
          own.end?.(wait);
        },
        *more() {
          yield* found();
          for (const rows of own.more?.() ?? []) {
            rows.forEach(wait);
            yield [];
            yield* found();
          }
        },
        leave() {
          own.leave?.();
          search.leave();
        },
      };
    });
  };
}

/** The rows that have no neighbour. @throws {OptionError} as `beside` */
export const alone = <Row extends Instant, Other extends Instant>(
  of: Omit<Beside<Row, Other, Row>, "nextOf">,
): QueryOperator<Row, Row> =>
  beside({ ...of, nextOf: (row, neighbour) => (neighbour === undefined ? row : undefined) });

/** The other question's rows, one after the other, and what is near. */
export class Nearness<Other extends Instant> {
  private readonly batches: Generator<readonly Other[], void>;
  private unread: readonly Other[] = [];
  private at = 0;
  private isOver = false;
  private readonly withinInsns: number;
  private readonly withinNs: bigint | undefined;
  private readonly by: (row: Other) => unknown;

  constructor(
    private readonly who: string,
    other: Query<Other>,
    { withinInsns = Infinity, withinNs, by = () => undefined }: BesideOptions<never, Other>,
  ) {
    this.batches = other.batches();
    this.withinInsns = withinInsns;
    this.withinNs = withinNs === undefined ? undefined : BigInt(withinNs);
    this.by = by;
  }

  /** The row that is next; undefined: there are no more. */
  *next(): Generator<readonly never[], Other | undefined> {
    while (this.at >= this.unread.length && !this.isOver) {
      const { done, value: rows } = this.batches.next();
      if (done === true) this.isOver = true;
      else [this.unread, this.at] = [rows, 0];
      yield [];
    }
    return this.unread[this.at];
  }

  /** `next` tells the one behind it. */
  pass(): void {
    this.at += 1;
  }

  keyOf(row: Other): unknown {
    return this.by(row);
  }

  isNear(a: Instant, b: Instant): boolean {
    const { withinInsns, withinNs } = this;
    return (
      Math.abs(a.icount - b.icount) <= withinInsns && (withinNs === undefined || distanceNs(a.ns, b.ns) <= withinNs)
    );
  }

  tooMany(): RangeError {
    return new RangeError(
      `${this.who}: more than ${String(MAX_ROWS_BESIDE)} rows of the other question would be remembered; ` +
        "say withinInsns or withinNs, or let `by` tell of fewer kinds",
    );
  }

  leave(): void {
    this.batches.return();
  }
}

/** Strictly: what one instruction does is at one place. */
export const isBefore = (a: Instant, b: Instant): boolean =>
  a.icount < b.icount || (a.icount === b.icount && a.seq < b.seq);

const distanceNs = (a: bigint, b: bigint): bigint => (a < b ? b - a : a - b);

const QUERY = having("a query, as writes(recording, { of }) makes", "recording", "batches");
const NS = value("a whole number of ns, 1 or more", (given) =>
  typeof given === "bigint" ? given > 0n : distance.is(given),
);
const OPTIONS = exactly<BesideOptions<unknown, unknown>>({
  withinInsns: maybe(distance),
  withinNs: maybe(NS),
  by: maybe(call),
});
