/**
 * Reads a Node stream no faster than its reader. Without room, the stream is paused and its bytes stay in the kernel.
 */
import type { Readable } from "node:stream";

import { Observable } from "rxjs";

/**
 * Completes when the stream ends or fails. Unsubscribing pauses the stream and does not destroy it: the owner may still
 * use it.
 */
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
    // The listener stays after unsubscribing: a failure of the host's must not end this process.
    if (!stream.listeners("error").includes(ignore)) stream.on("error", ignore);
    // Pause first: adding the listener would start the stream.
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
