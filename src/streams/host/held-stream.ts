/** Reads a stream of Node's no faster than somebody takes it: without room it is paused, and what comes stays with the kernel. */
import type { Readable } from "node:stream";

import { Observable } from "rxjs";

/** Completes when the stream ends or fails. The stream belongs to its owner: unsubscribed, it is paused and not destroyed. */
export const heldStream = (stream: Readable, hasRoom$: Observable<boolean>): Observable<Uint8Array> =>
  new Observable((subscriber) => {
    const read = (chunk: Uint8Array | string): void => {
      subscriber.next(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    };
    const complete = (): void => {
      subscriber.complete();
    };
    subscriber.add(() => {
      stream.off("data", read);
      for (const event of ENDS) stream.off(event, complete);
      stream.pause();
    });
    for (const event of ENDS) stream.on(event, complete);
    // Also when nobody reads any more, a failure of the host's is no fault of this process.
    if (!stream.listeners("error").includes(ignore)) stream.on("error", ignore);
    // Paused first, or the listener would start it.
    stream.pause();
    stream.on("data", read);
    subscriber.add(
      hasRoom$.subscribe((hasRoom) => {
        if (hasRoom) stream.resume();
        else stream.pause();
      }),
    );
  });

const ENDS = ["end", "error", "close"] as const;

const ignore = (): void => undefined;
