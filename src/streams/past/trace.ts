/** What the guest does by itself, recomputed from a recording and observable on demand: accesses to devices, traps, instructions. */
import { Observable } from "rxjs";

import { tracedEngine, type GuestAction, type GuestActionType } from "../../machine/hart/traced.js";
import { Machine } from "../../machine/machine.js";
import type { Position } from "../../reducers/events.js";
import type { Recording } from "./recording.js";
import { replay$, type Until } from "./replayer.js";

export interface TraceOptions {
  /** What is wanted. Instructions and traps are recomputed by the reference evaluator, some hundred times slower than the rest. */
  readonly of: readonly GuestActionType[];
  /** Replayed at full speed up to here. */
  readonly from?: Until;
  readonly until?: Until;
}

/** Where it happened: after event `seq`, with `icount` instructions retired before it. */
export type TracedAction = Position & GuestAction;

/** Fails as a replay does. Each subscription replays by itself, and lets the host have its turn. */
export const trace$ = (recording: Recording, { of, from, until }: TraceOptions): Observable<TracedAction> =>
  new Observable((subscriber) => {
    const machine: Machine = recording.openMachine(
      (initial, { engine: _own, ...options }) =>
        new Machine(initial, {
          ...options,
          engine: tracedEngine(
            new Set(of),
            (icount, action) => {
              subscriber.next({ seq: machine.position.seq, icount, ...action });
            },
            () => machine,
          ),
        }),
    );
    if (from !== undefined) machine.load(recording.at(from));
    return replay$(machine, recording.log, until).subscribe({
      error: (fault: unknown) => {
        subscriber.error(fault);
      },
      complete: () => {
        subscriber.complete();
      },
    });
  });
