/** A question that a pool answers: the same rows in the same order, some time later. */
import { lastValueFrom, Observable } from "rxjs";

import type { PlainPosition } from "../../../../reducers/position.js";
import type { Recording } from "../../recording.js";
import { readied, type Progress } from "../progress.js";
import { pushed } from "../pushed.js";
import type { Question, Reading } from "../question.js";
import type { Range } from "../range.js";
import { RowsOf } from "../rows-of.js";
import { beginningOf, piecesOf, type Piece } from "./pieces.js";
import type { Pool } from "./pool.js";
import { ReadAhead } from "./read-ahead.js";

/** A function of the caller is a part of the question. */
export class NotPlainError extends Error {
  override readonly name = "NotPlainError";
  readonly code = "NOT_PLAIN";
}

export interface Pooled<Row> {
  readonly recording: Recording;
  readonly range: Range;
  readonly open: () => Reading<Row>;
  readonly pool: Pool;
  readonly progress: Progress | undefined;
}

export class PooledQuery<Row> extends Observable<Row> implements AsyncIterable<Row> {
  constructor(private readonly pooled: Pooled<Row>) {
    super((subscriber) => {
      const answer = new Answer(pooled);
      const push = async (): Promise<void> => {
        for await (const rows of answer.batches()) for (const row of rows) subscriber.next(row);
        subscriber.complete();
      };
      push().catch((fault: unknown) => {
        subscriber.error(fault);
      });
      return () => {
        answer.leave();
      };
    });
  }

  /** Whoever reads slowly is waited for. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void> {
    for await (const rows of new Answer(this.pooled).batches()) yield* rows;
  }

  /** All rows. Fails as a replay does, or with what ended its workers again and again. */
  async toArray(): Promise<readonly Row[]> {
    const all: Row[] = [];
    for await (const rows of new Answer(this.pooled).batches()) for (const row of rows) all.push(row);
    return all;
  }

  async first(): Promise<Row | undefined> {
    for await (const [row] of new Answer(this.pooled).batches()) if (row !== undefined) return row;
    return undefined;
  }

  /** Of all rows, which are read. `Query.last` goes back from the end, in one thread. */
  async last(): Promise<Row | undefined> {
    let last: Row | undefined;
    for await (const rows of new Answer(this.pooled).batches()) last = rows.at(-1) ?? last;
    return last;
  }
}

/** One reading of it: pieces that are done at the same time, read one after the other. */
class Answer<Row> {
  private readonly begun: { readonly ahead: ReadAhead; readonly from: PlainPosition }[] = [];
  private isLeft = false;

  constructor(private readonly pooled: Pooled<Row>) {}

  /** Nobody reads on: what is under way ends. */
  leave(): void {
    this.isLeft = true;
    for (const { ahead } of this.begun) ahead.leave();
  }

  async *batches(): AsyncGenerator<readonly Row[], void> {
    const { recording, range, open, pool, progress } = this.pooled;
    await this.withTurns(readied(recording, range, progress));
    if (this.hasLeft()) return;
    const reading = open();
    const question = plainOf(reading);
    const rows = new RowsOf(reading);
    const pieces = piecesOf(recording, reading.listen(true), range, pool.width)[Symbol.iterator]();
    const begin = (): Promise<void> => this.begin(pieces, question);
    try {
      let beginning = seenTo(begin());
      while (!this.isLeft) {
        if (this.begun.length === 0) await beginning;
        const [present] = this.begun;
        if (present === undefined) break;
        const { ahead, from } = present;
        progress?.(from);
        for (let finds = await ahead.next(); finds !== undefined; finds = await ahead.next()) {
          for (const some of rows.of(finds)) yield some;
        }
        this.begun.shift();
        beginning = seenTo(beginning.then(begin));
      }
      await beginning;
      if (!this.isLeft) for (const some of rows.end()) yield some;
    } finally {
      rows.leave();
      this.leave();
    }
  }

  /** One piece more than the pool does at once, so that nobody waits for the reader. */
  private async begin(pieces: Iterator<Piece, undefined>, question: Question): Promise<void> {
    const { recording, pool } = this.pooled;
    while (!this.hasLeft() && this.begun.length <= pool.width) {
      const next: IteratorResult<Piece, undefined> = pieces.next();
      if (next.done === true) return;
      const piece = next.value;
      const from = await beginningOf(recording, piece);
      if (this.hasLeft()) return;
      const ahead = new ReadAhead(() => pool.run({ recording, question, from, until: piece.until }));
      this.begun.push({ ahead, from: from.position });
    }
  }

  private async withTurns(steps: Generator<readonly never[], void>): Promise<void> {
    const turns$ = new Observable<never>((subscriber) => pushed(this.whileRead(steps), subscriber));
    await lastValueFrom(turns$, { defaultValue: undefined });
  }

  private *whileRead(steps: Iterable<readonly never[]>): Generator<readonly never[], void> {
    for (const step of steps) {
      if (this.hasLeft()) return;
      yield step;
    }
  }

  private hasLeft(): boolean {
    return this.isLeft;
  }
}

/** It may fail while nobody waits for it, or is left. */
function seenTo(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}

/** @throws {NotPlainError} */
function plainOf({ question }: Reading<unknown>): Question {
  if (question !== undefined) return question;
  throw new NotPlainError(
    "the question has a function in it, which can't leave this thread: ask it without on(), or put the function behind " +
      "another question, as where() and select() do",
  );
}
