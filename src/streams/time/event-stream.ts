/** Events that can be read in two ways: pushed by an Observable, or pulled one by one. */
import { from, type Observable } from "rxjs";

import type { StreamEvent } from "../../reducers/stream-event.js";

/** An Observable that can also be read with `for await`; what it comes from then waits for its reader. */
export interface EventStream extends Observable<StreamEvent>, AsyncIterable<StreamEvent> {}

export const eventStream = (pushed$: Observable<StreamEvent>, pulled: AsyncIterable<StreamEvent>): EventStream =>
  Object.assign(pushed$, { [Symbol.asyncIterator]: () => pulled[Symbol.asyncIterator]() });

/** Each reader has its own iterator from `open`. */
export const eventStreamFrom = (open: () => IterableIterator<StreamEvent>): EventStream =>
  eventStream(from({ [Symbol.iterator]: open }), { [Symbol.asyncIterator]: () => asyncIterator(open()) });

/** A damaged log rejects the promise that comes to the damage. */
const asyncIterator = <T>(iterator: Iterator<T, void>): AsyncIterator<T, void> => ({
  next: () =>
    new Promise((resolve) => {
      resolve(iterator.next());
    }),
  return: () => Promise.resolve(iterator.return?.() ?? { done: true, value: undefined }),
});
