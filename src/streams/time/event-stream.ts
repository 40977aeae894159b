/** Events that can be read in two ways: pushed by an Observable, or pulled one by one. */
import { from, Observable } from "rxjs";

import type { PositionedEvent } from "../../reducers/events.js";

/** An Observable that can also be read with `for await`. */
export interface EventStream extends Observable<PositionedEvent>, AsyncIterable<PositionedEvent> {}

/** Each reader has its own iterator from `open`. */
export const eventStream = (open: () => IterableIterator<PositionedEvent>): EventStream =>
  Object.assign(from({ [Symbol.iterator]: open }), { [Symbol.asyncIterator]: () => asyncIterator(open()) });

/** A damaged log rejects the promise that comes to the damage. */
const asyncIterator = <T>(iterator: Iterator<T, void>): AsyncIterator<T, void> => ({
  next: () =>
    new Promise((resolve) => {
      resolve(iterator.next());
    }),
  return: () => Promise.resolve(iterator.return?.() ?? { done: true, value: undefined }),
});
