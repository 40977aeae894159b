/**
 * A question about the past of a recording, asked when its answer is read, and anew each time: pushed as an Observable,
 * pulled with `for await`, or at once as an array. The last row is found from the end.
 */
import { Observable, take, type OperatorFunction } from "rxjs";

import { check } from "../../../options/check.js";
import { call, distance, exactly, having, list, value } from "../../../options/codecs.js";
import { pulled, type Demand } from "../../time/pulled.js";
import type { Recording } from "../recording.js";
import type { Pool } from "./pool/pool.js";
import { PooledQuery } from "./pool/pooled-query.js";
import { backward, lastOf, rowsOf } from "./backward.js";
import { together, type Explanation } from "./explanation.js";
import { findsFrom } from "./probed-replay.js";
import { arrival, readied, type Progress } from "./progress.js";
import { pushed } from "./pushed.js";
import type { Listener, Reading } from "./question.js";
import { isRuledOut, partsOf, segmentsOf, type Range, type Segment } from "./range.js";

const POOL = exactly<{ readonly pool: Pool }>({ pool: having("a Pool, as workers(2) makes", "width", "run") });

const OPERATORS = exactly<{ readonly operators: unknown }>({
  operators: list(value("an operator, of queries or of rxjs", (given) => typeof given === "function")),
});

/** Makes another question of one, as rxjs' operators make another stream. */
export type QueryOperator<Row, Next> = (query: Query<Row>) => Query<Next>;

export class Query<Row> extends Observable<Row> implements AsyncIterable<Row> {
  constructor(
    readonly recording: Recording,
    /** Called when an answer is read, or by who brings what is told from elsewhere, as a machine that runs. */
    readonly open: () => Reading<Row>,
    readonly range: Range = {},
    private readonly progress?: Progress,
  ) {
    super((subscriber) => pushed(this.batches(), subscriber));
  }

  [Symbol.asyncIterator](): AsyncIterator<Row> {
    const open = (demand: Demand): Observable<Row> =>
      new Observable((subscriber) => pushed(this.batches(), subscriber, demand));
    return pulled(open)[Symbol.asyncIterator]();
  }

  /** Operators of queries make a query, those of rxjs a stream. */
  override pipe(): Query<Row>;
  override pipe<A>(a: QueryOperator<Row, A>): Query<A>;
  override pipe<A, B>(a: QueryOperator<Row, A>, b: QueryOperator<A, B>): Query<B>;
  override pipe<A, B, C>(a: QueryOperator<Row, A>, b: QueryOperator<A, B>, c: QueryOperator<B, C>): Query<C>;
  override pipe<A, B, C, D>(
    a: QueryOperator<Row, A>,
    b: QueryOperator<A, B>,
    c: QueryOperator<B, C>,
    d: QueryOperator<C, D>,
  ): Query<D>;
  override pipe<A>(a: OperatorFunction<Row, A>): Observable<A>;
  override pipe<A, B>(a: OperatorFunction<Row, A>, b: OperatorFunction<A, B>): Observable<B>;
  override pipe<A, B, C>(
    a: OperatorFunction<Row, A>,
    b: OperatorFunction<A, B>,
    c: OperatorFunction<B, C>,
  ): Observable<C>;
  override pipe<A, B, C, D>(
    a: OperatorFunction<Row, A>,
    b: OperatorFunction<A, B>,
    c: OperatorFunction<B, C>,
    d: OperatorFunction<C, D>,
    ...rest: OperatorFunction<unknown, unknown>[]
  ): Observable<unknown>;
  override pipe(...operators: readonly ((source: never) => unknown)[]): unknown {
    check("pipe", OPERATORS, { operators });
    return operators.reduce<unknown>((source, operator) => operator(source as never), this);
  }

  /** @internal For who asks it with others. */
  opening(): Reading<Row> {
    return this.open();
  }

  /** The same question, read in another way: what operators are made with. */
  read<Next>(reading: (own: Reading<Row>) => Reading<Next>): Query<Next> {
    return new Query(this.recording, () => reading(this.open()), this.range, this.progress);
  }

  /** The same question; `progress` hears where its replay stands, now and then. @throws {OptionError} */
  withProgress(progress: Progress): Query<Row> {
    check("withProgress", exactly<{ readonly progress: unknown }>({ progress: call }), { progress });
    return new Query(this.recording, this.open, this.range, progress);
  }

  /** The same rows in the same order, found by a pool. @throws {OptionError} */
  on(pool: Pool): PooledQuery<Row> {
    check("on", POOL, { pool });
    const { recording, range, open, progress } = this;
    return new PooledQuery({ recording, range, open, pool, progress });
  }

  /** All rows. @throws {Divergence} @throws {PositionError} */
  toArray(): readonly Row[] {
    return [...this.batches()].flat();
  }

  /** Replays up to the first row. Undefined: there is none. */
  first(): Row | undefined {
    for (const [row] of this.batches()) if (row !== undefined) return row;
    return undefined;
  }

  /** Goes back from the end, segment by segment, and runs those that the states do not rule out. */
  last(): Row | undefined {
    for (const [row] of this.backward()) if (row !== undefined) return row;
    return undefined;
  }

  /** The same, and the host has its turns meanwhile. Completes without a row where there is none. */
  get first$(): Observable<Row> {
    return this.pipe(take<Row>(1));
  }

  /** As `first$`, found from the end. */
  get last$(): Observable<Row> {
    return new Observable((subscriber) => pushed(this.backward(), subscriber));
  }

  /** The last rows, the last first, found from the end. @throws {OptionError} */
  latest$(count: number): Observable<Row> {
    check("latest$", exactly<{ readonly count: number }>({ count: distance }), { count });
    return new Observable((subscriber) => pushed(this.backward(count), subscriber));
  }

  private *backward(count = 1): Generator<readonly Row[], void> {
    const { recording, range, progress } = this;
    yield* readied(recording, range, progress);
    const { listener, isOrdered } = this.opened();
    if (listener.needsAll === true || isOrdered) {
      yield* lastOf(this.batches(), count);
      return;
    }
    yield* backward(recording, range, this.open, progress, count);
  }

  /** What reading it all would cost now. Makes the state in which the range ends. */
  explain(): Explanation {
    for (const [explanation] of this.explanation()) if (explanation !== undefined) return explanation;
    throw new Error("an explanation has no end");
  }

  /** The same, and the host has its turns meanwhile. */
  get explain$(): Observable<Explanation> {
    return new Observable((subscriber) => pushed(this.explanation(), subscriber));
  }

  /** As `explain`; where there is none yet, the host may have its turn. */
  *explanation(): Generator<readonly Explanation[], void> {
    const { recording, range, progress } = this;
    yield* readied(recording, range, progress);
    yield* arrival(recording, range.until, progress);
    const { listener, isOrdered, others } = this.opened();
    const segments = segmentsOf(recording, range, recording.at(range.until));
    const needed = segments.filter((segment) => !isRuledOut(listener, segment));
    const insnsOf = ({ before, after }: Segment): number =>
      (after?.position.icount ?? before.position.icount) - before.position.icount;
    const instructions = needed.reduce((sum, segment) => sum + insnsOf(segment), 0);
    const estimatedMs = (1000 * instructions) / recording.speed.insnsASecond;
    const last = needed.at(-1);
    const lastInstructions = last === undefined ? 0 : insnsOf(last);
    const skipped = segments.length - needed.length;
    let all = { segments: segments.length, skipped, instructions, lastInstructions, estimatedMs };
    for (const other of others) {
      for (const [part] of other.explanation()) {
        if (part === undefined) yield [];
        else all = together(all, part);
      }
    }
    const goesForward = listener.needsAll === true || isOrdered;
    yield [goesForward ? { ...all, lastInstructions: all.instructions } : all];
  }

  private opened(): Opened {
    const reading = this.open();
    const { isOrdered = false, others = [] } = reading;
    return { listener: reading.listen(true), isOrdered, others };
  }

  /**
   * Finds nothing, and is ready to: throws now what its answer would begin with. The host may have its turns.
   * @throws {PlaceError} and whatever else opening it throws
   */
  *ready(): Generator<readonly never[], void> {
    const { recording, range, progress } = this;
    yield* readied(recording, range, progress);
    yield* arrival(recording, range.from ?? recording.log.start, progress);
    const reading = this.open();
    try {
      reading.tried?.();
    } finally {
      reading.leave?.();
    }
  }

  /** All rows, some at a time, as they are found. Where there are none at a time, the host may have its turn. */
  *batches(): Generator<readonly Row[], void> {
    const { recording, range, progress } = this;
    yield* readied(recording, range, progress);
    const reading = this.open();
    yield* arrival(recording, range.from ?? recording.log.start, progress);
    yield* rowsOf(reading, findsOf(recording, range, reading, progress));
  }
}

interface Opened {
  readonly listener: Listener<unknown>;
  readonly isOrdered: boolean;
  readonly others: Exclude<Reading<unknown>["others"], undefined>;
}

/** What is found in a range, but for the segments that the states rule out. */
function* findsOf(
  recording: Recording,
  range: Range,
  reading: Pick<Reading<unknown>, "listen">,
  progress: Progress | undefined,
): Generator<readonly unknown[], void> {
  for (const { from, until, isBeginning } of partsOf(recording, reading.listen(true), range)) {
    yield* arrival(recording, from, progress);
    yield* findsFrom(recording, reading.listen(isBeginning), recording.at(from), until, { progress });
  }
}
