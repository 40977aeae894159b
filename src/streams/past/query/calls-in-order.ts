/**
 * Rows of calls with their results, in the order of the calls: a row waits until its call and all before it are
 * settled.
 */
import type { Instant } from "../../../reducers/stream-event.js";
import type { Reader } from "../names/passed-values.js";
import type { GuestValue } from "../names/value.js";
import { MAX_UNRETURNED_CALLS, type Settled } from "./returns.js";

export interface Returned extends Instant {
  /** As the function's type says; a0 where no type is known. Undefined: it returns nothing. */
  readonly value: GuestValue | undefined;
}

interface Waiting<Row> {
  /** Undefined: it is none, but counts. */
  readonly row: Row | undefined;
  readonly result: Reader;
  isSettled: boolean;
}

export class CallsInOrder<Row extends { returned?: Returned | undefined }> {
  private readonly waiting = new Map<number, Waiting<Row>>();
  private calls = 0;
  private oldest = 0;

  called(row: Row | undefined, result: Reader, emit: (row: Row) => void): void {
    this.waiting.set(this.calls++, { row, result, isSettled: row === undefined });
    this.flush(emit);
  }

  settled({ calls, returned }: Settled, emit: (row: Row) => void): void {
    for (const call of calls) {
      const waiting = this.waiting.get(call);
      if (waiting === undefined) continue;
      waiting.isSettled = true;
      if (waiting.row === undefined || returned === undefined) continue;
      const { seq, icount, ns, carried } = returned;
      waiting.row.returned = Object.freeze({ seq, icount, ns, value: waiting.result(carried) });
    }
    this.flush(emit);
  }

  end(emit: (row: Row) => void): void {
    for (const { row } of this.waiting.values()) if (row !== undefined) emit(row);
    this.waiting.clear();
  }

  private flush(emit: (row: Row) => void): void {
    for (;;) {
      const first = this.waiting.get(this.oldest);
      if (first === undefined || (!first.isSettled && this.waiting.size <= MAX_UNRETURNED_CALLS)) return;
      this.waiting.delete(this.oldest);
      this.oldest += 1;
      if (first.row !== undefined) emit(first.row);
    }
  }
}
