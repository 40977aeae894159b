/**
 * What the guest does by itself, recomputed from a recording and observable on demand: accesses to devices, traps,
 * instructions.
 */
import { aRecording } from "../../options/parts.js";
import { defer, ignoreElements, merge, Subject, tap, type Observable } from "rxjs";

import { GUEST_ACTION_TYPES, tracedEngine, type GuestActionOf, type GuestActionType } from "../../machine/traced.js";
import { Machine } from "../../machine/machine.js";
import { check } from "../../options/check.js";
import { anything, exactly, list, maybe, oneOf } from "../../options/codecs.js";
import { positionOf } from "../../reducers/position.js";
import type { Instant } from "../../reducers/stream-event.js";
import { Control } from "../time/control.js";
import type { Recording } from "./recording.js";
import { replay$ } from "./replayer.js";
import { checkUntil, type Until } from "./until.js";

export interface TraceOptions {
  /**
   * What is wanted. Instructions and traps are recomputed by the reference evaluator, some hundred times slower than
   * the rest.
   */
  readonly of: readonly GuestActionType[];
  /** Replayed at full speed up to here. */
  readonly from?: Until;
  readonly until?: Until;
}

/**
 * Where and when a hart did it: after event `seq`, with `icount` instructions retired before it, at `ns` of the virtual
 * clock.
 */
export type TracedAction<T extends GuestActionType = GuestActionType> = Instant & {
  readonly hart: number;
} & GuestActionOf<T>;

/** Fails as a replay does. Each subscription replays by itself, and lets the host have its turn. */
export const trace$ = (recording: Recording, options: TraceOptions): Observable<TracedAction> => {
  check("trace$", RECORDING, { recording });
  check("trace$", TRACE_OPTIONS, options);
  const { of, from, until } = options;
  checkUntil("trace$: from", from);
  checkUntil("trace$: until", until);
  return defer(() => {
    const actions$ = new Subject<TracedAction>();
    const machine: Machine = recording.openMachine(
      (initial, { engine: _own, ...options }) =>
        new Machine(initial, {
          ...options,
          engine: tracedEngine(
            new Set(of),
            (icount, action) => {
              const { seq } = machine.position;
              const ns = machine.virtualNsAt(icount);
              actions$.next({ ...positionOf(seq, icount), ns, hart: machine.hart, ...action });
            },
            () => machine,
          ),
        }),
    );
    if (from !== undefined) machine.load(recording.at(from));
    // A replay that can be held can be left: at any instruction, not only where its next event is.
    const replayed$ = replay$(machine, recording.log, until, { control: new Control() });
    return merge(
      actions$,
      replayed$.pipe(
        ignoreElements(),
        tap({
          finalize: () => {
            actions$.complete();
          },
        }),
      ),
    );
  });
};

const RECORDING = exactly<{ readonly recording: Recording }>({ recording: aRecording });
const TRACE_OPTIONS = exactly<TraceOptions>({
  of: list(oneOf(...GUEST_ACTION_TYPES)),
  from: maybe(anything),
  until: maybe(anything),
});
