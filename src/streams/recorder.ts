/** Persists the stream as it passes. Recording is nothing more. */
import { finalize, interval, Observable, type MonoTypeOperatorFunction } from "rxjs";

import type { Machine } from "../machine/machine.js";
import type { PositionedEvent } from "../reducers/events.js";
import { openWriter, type LogHeader, type LogSink } from "./log/index.js";

/** The cause in a recording whose guest was not off when it was closed. */
export const STOPPED = "stopped";

/** How often what waits may be looked at; how much, or how long, makes it a segment of its own. */
const FLUSH_CHECK_MS = 1000;
const FLUSH_EVENTS = 500;
const FLUSH_CHECKS = 5;

/**
 * Writes every event to the sink and, when the stream ends, how it ended: position, state hash and cause. A stream that
 * fails or is unsubscribed leaves a recording that replays up to what was written.
 */
export const record =
  (machine: Machine, sink: LogSink, header: LogHeader): MonoTypeOperatorFunction<PositionedEvent> =>
  (events$) =>
    new Observable((subscriber) => {
      const writer = openWriter(sink, header);
      let isClosed = false;
      const close = (write: () => void): void => {
        if (isClosed) return;
        isClosed = true;
        write();
      };
      let checks = 0;
      const flushing = interval(FLUSH_CHECK_MS).subscribe(() => {
        checks += 1;
        if (writer.pendingEvents < FLUSH_EVENTS && checks < FLUSH_CHECKS) return;
        checks = 0;
        try {
          writer.flush();
        } catch (fault) {
          subscriber.error(fault);
        }
      });
      // What was there before the first event survives from the start: a recording without events is one.
      const subscription = events$
        .pipe(
          finalize(() => {
            flushing.unsubscribe();
            close(() => {
              writer.abandon();
            });
          }),
        )
        .subscribe({
          next: (event) => {
            try {
              writer.append(event);
            } catch (fault) {
              subscriber.error(fault);
              return;
            }
            subscriber.next(event);
          },
          error: (fault: unknown) => {
            subscriber.error(fault);
          },
          complete: () => {
            try {
              close(() => {
                const { seq, icount } = machine.position;
                writer.close({ seq, icount, hash: machine.hash(), cause: machine.ended?.cause ?? STOPPED });
              });
            } catch (fault) {
              subscriber.error(fault);
              return;
            }
            subscriber.complete();
          },
        });
      return subscription;
    });
