/** Work that goes on beside a stream, and that only its failure shows. */
import { Observable } from "rxjs";

/**
 * The stream while `work$` goes on beside it. What the work emits goes nowhere, and its error ends the stream. As
 * `merge` with an ignored stream, but without a layer over each event.
 */
export const beside = <T>(events$: Observable<T>, work$: Observable<unknown>): Observable<T> =>
  new Observable((subscriber) => {
    subscriber.add(
      work$.subscribe({
        error: (fault: unknown) => {
          subscriber.error(fault);
        },
      }),
    );
    if (!subscriber.closed) events$.subscribe(subscriber);
  });
