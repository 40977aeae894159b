/** Work that is done a stretch at a time: in between the host can have its turn, or end it. */
import type { PlainPosition } from "../../../reducers/position.js";

/** Yields after each stretch, where it replays with how far it is; what it comes to is its return value. */
export type Steps<T> = Generator<PlainPosition | undefined, T>;

/** All of it, at once. */
export function finished<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** One after the other. */
export function* eachOf<Item, T>(items: Iterable<Item>, work: (item: Item) => Steps<T>): Steps<readonly T[]> {
  const results: T[] = [];
  for (const item of items) results.push(yield* work(item));
  return results;
}

/** Without where it is. */
export function* silently<T>(steps: Steps<T>): Generator<undefined, T> {
  try {
    for (;;) {
      const { done, value } = steps.next();
      if (done === true) return value;
      yield;
    }
  } finally {
    // Where nobody wants the rest, it gives back what it works on.
    steps.return(undefined as never);
  }
}
