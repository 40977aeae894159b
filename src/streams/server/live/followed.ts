/** The rows of a machine that runs: what a reader has not, out of its recording, and then live. */
import type { PlainPosition } from "../../../reducers/position.js";
import { Numbering, numbered, type Cursor, type NumberedRow } from "../cursor.js";
import { isEventRow, type StreamRow } from "../../rows/index.js";

export interface Followed {
  /** What is recorded behind a row until now. */
  readonly past: (after: Cursor) => AsyncIterable<StreamRow>;
  /** From when it is first read on. */
  readonly live: AsyncIterable<StreamRow>;
  /** Where the machine stands then. */
  readonly now: () => PlainPosition;
  /** Which run it is, for the ids. */
  readonly run: string;
  /** Undefined: from now on. */
  readonly after: Cursor | undefined;
  /** Several questions: at one instant their rows come as it happened, and not in the order that a cursor counts in. */
  readonly isMixed?: boolean | undefined;
  /** Nobody reads any more. */
  readonly signal: AbortSignal;
}

/**
 * Each row once. A gap has no id, nor what comes of the instant in which it ends or in which a reader comes: who comes
 * again gets from the recording what it missed. Where several questions are asked, what is found has none either: who
 * comes again gets it again from the last event on, and loses nothing.
 */
export async function* followed(options: Followed): AsyncGenerator<NumberedRow, void> {
  const { past, live, now, run, after, isMixed, signal } = options;
  const numbering = new Numbering(run);
  const iterator = live[Symbol.asyncIterator]();
  // Read first, so that nothing happens between what is recorded and what comes.
  let next = iterator.next();
  next.catch(() => undefined);
  const leave = (): void => void iterator.return?.();
  signal.addEventListener("abort", leave);
  try {
    if (after === undefined) numbering.missed(now());
    else yield* numbered(past(after), after, numbering);
    for (;;) {
      const come = await next;
      if (come.done === true) return;
      const row = come.value;
      next = iterator.next();
      next.catch(() => undefined);
      const id = numbering.idOf(numbering.of(row));
      yield { id: isMixed === true && !isEventRow(row) ? undefined : id, row };
    }
  } finally {
    signal.removeEventListener("abort", leave);
    await iterator.return?.();
  }
}
