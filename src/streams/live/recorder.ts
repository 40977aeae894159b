/** Persists the stream as it passes. Recording is nothing more. */
import { finalize, interval, NEVER, Observable, type MonoTypeOperatorFunction } from "rxjs";

import type { Machine } from "../../machine/machine.js";
import type { PositionedEvent } from "../../reducers/events.js";
import { openWriter, STOPPED, type LogHeader, type LogSink, type Snapshot } from "../store/log/index.js";
import { snapshotOf, START } from "../store/snapshot.js";

export interface RecordOptions {
  /** Puts the machine's present state into the recording under a name, or takes a name away; between two events. */
  readonly snapshots$?: Observable<SnapshotCommand>;
}

export type SnapshotCommand = { readonly save: string } | { readonly forget: string };

const isAtReset = ({ position: { seq, icount } }: Machine): boolean => seq === 0 && icount === 0;

/** How often what waits may be looked at; how much, or how long, makes it a segment of its own. */
const FLUSH_CHECK_MS = 1000;
const FLUSH_EVENTS = 500;
const FLUSH_CHECKS = 5;

/**
 * Writes every event to the sink and, when the stream ends, how it ended: position, state hash and cause. A stream that
 * fails or is unsubscribed leaves a recording that replays up to what was written. Of a machine that is not at reset, the
 * recording begins with the state that it is in.
 */
export const record =
  (
    machine: Machine,
    sink: LogSink,
    header: LogHeader,
    { snapshots$ = NEVER }: RecordOptions = {},
  ): MonoTypeOperatorFunction<PositionedEvent> =>
  (events$) =>
    new Observable((subscriber) => {
      const snapshot = (name: string): Snapshot => snapshotOf(name, machine.state(), header.images);
      const writer = openWriter(sink, header, isAtReset(machine) ? undefined : snapshot(START));
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
      const snapshotting = snapshots$.subscribe((command) => {
        try {
          if ("save" in command) writer.snapshot(snapshot(command.save));
          else writer.forget(command.forget);
        } catch (fault) {
          subscriber.error(fault);
        }
      });
      // What was there before the first event survives from the start: a recording without events is one.
      const subscription = events$
        .pipe(
          finalize(() => {
            flushing.unsubscribe();
            snapshotting.unsubscribe();
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
