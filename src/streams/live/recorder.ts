/** Persists the stream as it passes. Recording is nothing more. */
import { aHeader, aMachine, aSink } from "../../options/parts.js";
import { defer, interval, merge, NEVER, tap, type MonoTypeOperatorFunction, type Observable } from "rxjs";

import { check } from "../../options/check.js";
import { exactly, having, list, maybe, observable } from "../../options/codecs.js";
import type { Machine } from "../../machine/machine.js";
import { positionedOf, type GivenEvent } from "../../reducers/stream-event.js";
import {
  describedSnapshot,
  openWriter,
  type LogHeader,
  type LogSink,
  type LogWriter,
  type Snapshot,
  type SnapshotDescription,
} from "../store/log/index.js";
import type { ImageContents } from "../store/image-contents.js";
import { runEnd } from "../store/run-end.js";
import { snapshotOf, START } from "../store/snapshot.js";
import type { StateKeeper } from "../store/state-keeper.js";
import { beside } from "../time/beside.js";

export interface RecordOptions {
  /** Puts the machine's present state into the recording under a name, or takes a name away; between two events. */
  readonly snapshots$?: Observable<SnapshotCommand>;
  /** Images that the recording is to carry, such as an opened machine's `contents`: it then replays anywhere. */
  readonly contents?: readonly ImageContents[] | undefined;
  /**
   * Gets states on the way, between two bursts and about where it wants them, and the last one. Absent: none is taken,
   * which costs nothing.
   */
  readonly keeper?: StateKeeper | undefined;
}

/** Bytes that the host reads, and their digest. */
const CONTENTS = having("the contents of an image", "sha256", "byteLength", "read");
const KEEPER = having("a keeper of states", "nextIcount", "keep");
const RECORDED = exactly<{ readonly machine: Machine; readonly sink: LogSink; readonly header: LogHeader }>({
  machine: aMachine,
  sink: aSink,
  header: aHeader,
});
const RECORD_OPTIONS = exactly<RecordOptions>({
  snapshots$: maybe(observable),
  contents: maybe(list(CONTENTS)),
  keeper: maybe(KEEPER),
});

export type SnapshotCommand =
  | {
      readonly save: string;
      /** Called when it is written. */
      readonly saved?: (described: SnapshotDescription) => void;
    }
  | { readonly forget: string }
  /** What waits becomes a segment: who reads what is written so far has all of it. */
  | "flush";

const isAtReset = ({ position: { seq, icount } }: Machine): boolean => seq === 0 && icount === 0;

/** How often what waits may be looked at; how much, or how long, makes it a segment of its own. */
const FLUSH_CHECK_MS = 1000;
const FLUSH_EVENTS = 500;
const FLUSH_CHECKS = 5;

/**
 * Writes every event to the sink and, when the stream ends, how it ended: position, state hash and cause. A stream that
 * fails or is unsubscribed leaves a recording that replays up to what was written. Of a machine that is not at reset,
 * the recording begins with the state that it is in.
 */
export const record = <Event extends GivenEvent>(
  machine: Machine,
  sink: LogSink,
  header: LogHeader,
  options: RecordOptions = {},
): MonoTypeOperatorFunction<Event> => {
  check("record", RECORDED, { machine, sink, header });
  check("record", RECORD_OPTIONS, options);
  const { snapshots$ = NEVER, contents, keeper } = options;
  return (events$) =>
    defer(() => {
      const snapshot = (name: string): Snapshot => snapshotOf(name, machine.state(), header.images);
      // What was there before the first event survives from the start: a recording without events is one.
      const writer = openWriter(sink, header, {
        start: isAtReset(machine) ? undefined : snapshot(START),
        contents,
      });
      const flushed$ = interval(FLUSH_CHECK_MS).pipe(tap(flushing(writer)));
      const save = ({ save: name, saved }: Extract<SnapshotCommand, { save: string }>): void => {
        const made = snapshot(name);
        writer.snapshot(made);
        saved?.(describedSnapshot(made));
      };
      const saved$ = snapshots$.pipe(
        tap((command) => {
          if (command === "flush") writer.flush();
          else if ("forget" in command) writer.forget(command.forget);
          else save(command);
        }),
      );
      const written$ = events$.pipe(
        tap({
          next: (event) => {
            writer.append(positionedOf(event));
          },
          complete: () => {
            writer.close(runEnd(machine));
            keeper?.keep(machine.state(), false);
          },
          // Also where closing it fails; of a closed one nothing is left to abandon.
          finalize: () => {
            writer.abandon();
          },
        }),
      );
      const kept$ = keeper === undefined ? NEVER : keeping(machine, writer, keeper);
      return beside(written$, merge(flushed$, saved$, kept$));
    });
};

/** A burst takes about as long. */
const KEEP_CHECK_MS = 20;

/** Between two bursts no instruction is under way, unless one waits, or was answered just now. */
const keeping = (machine: Machine, writer: LogWriter, keeper: StateKeeper): Observable<unknown> => {
  let wantedIcount = keeper.nextIcount(machine.position, Infinity);
  return interval(KEEP_CHECK_MS).pipe(
    tap(() => {
      const { icount } = machine.position;
      if (icount < wantedIcount || icount <= writer.lastIcount || machine.awaited !== undefined || machine.isMidway)
        return;
      keeper.keep(machine.state());
      wantedIcount = keeper.nextIcount(machine.position, Infinity);
    }),
  );
};

/** Looked at now and then, what waits becomes a segment where it is much or has waited long. */
const flushing = (writer: LogWriter): (() => void) => {
  let checks = 0;
  return () => {
    checks += 1;
    if (writer.pendingEvents < FLUSH_EVENTS && checks < FLUSH_CHECKS) return;
    checks = 0;
    writer.flush();
  };
};
