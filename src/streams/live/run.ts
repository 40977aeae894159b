/** The whole wiring: backends' inputs are put in order, folded, and what they cause goes back to the backends. */
import { defer, EMPTY, merge, share, Subject, tap, type Observable } from "rxjs";

import { fold } from "../../machine/fold.js";
import type { Machine } from "../../machine/machine.js";
import type { Effect } from "../../reducers/effect.js";
import type { MachineEvent, PositionedEvent } from "../../reducers/events.js";
import { controlled } from "../time/control.js";
import type { Backend } from "./backend.js";
import { sequence } from "./sequence/sequence.js";
import type { SequenceOptions } from "./sequence/sequence-options.js";

/** Runs the machine while somebody is subscribed; completes when it is off. Each event has been folded when it is emitted. */
export const run = (
  machine: Machine,
  backends: readonly Backend[],
  options: SequenceOptions = {},
): Observable<PositionedEvent> =>
  defer(() => {
    const effects$ = new Subject<Effect>();
    const taken$ = new Subject<MachineEvent>();
    const hear = (effect: Effect): void => {
      effects$.next(effect);
    };
    const stopListening = machine.listen(hear);
    // A machine that goes on from a saved state asks its new backends for what the old ones owed it.
    const asked$ = defer(() => {
      machine.outstandingEffects.forEach(hear);
      return EMPTY;
    });
    return merge(...backends.map((backend) => backend(effects$, taken$)), asked$).pipe(
      sequence(machine, options),
      tap({
        next: (event) => {
          fold(machine, event);
          taken$.next(event.event);
        },
        finalize: () => {
          stopListening();
          effects$.complete();
          taken$.complete();
        },
      }),
      controlled(options.control, machine),
    );
  }).pipe(share());
