/** The whole wiring: backends' inputs are put in order, folded, and what they cause goes back to the backends. */
import { aMachine } from "../../options/parts.js";
import { defer, EMPTY, map, merge, share, Subject, tap, type Observable } from "rxjs";

import { check } from "../../options/check.js";
import { call, exactly, list } from "../../options/codecs.js";
import { fold } from "../../machine/fold.js";
import type { Machine } from "../../machine/machine.js";
import type { Effect } from "../../reducers/effect.js";
import { rowOf, type MachineEvent, type PositionedEvent } from "../../reducers/events.js";
import { streamEventOf, type StreamEvent } from "../../reducers/stream-event.js";
import { beside } from "../time/beside.js";
import { controlled } from "../time/control.js";
import { eventStream, type EventStream } from "../time/event-stream.js";
import { pulled, type Demand } from "../time/pulled.js";
import { unansweredBy } from "./answers.js";
import type { Backend } from "./backend.js";
import { requireDeviations } from "../chaos/deviations-of.js";
import { sequence } from "./sequence/sequence.js";
import { SEQUENCE_OPTIONS, type SequenceOptions } from "./sequence/sequence-options.js";

const ARGUMENTS = exactly<{ readonly machine: Machine; readonly backends: readonly Backend[] }>({
  machine: aMachine,
  backends: list(call),
});

/**
 * Runs the machine while somebody is subscribed; completes when it is off. Each event has been folded when it is
 * emitted. Read with `for await`, the machine stands still while what it did is not read: at most MAX_UNREAD events
 * wait.
 */
export const run = (machine: Machine, backends: readonly Backend[], options: SequenceOptions = {}): EventStream => {
  check("run", ARGUMENTS, { machine, backends });
  check("run", SEQUENCE_OPTIONS, options);
  requireDeviations("run", options);
  const shown = (demand: Demand | undefined): Observable<StreamEvent> =>
    wired(machine, backends, { ...options, demand }, unansweredBy(backends)).pipe(
      map((event) => streamEventOf(event, machine.virtualNs)),
    );
  return eventStream(shown(options.demand).pipe(share()), pulled(shown));
};

/** The same for who writes the events down or counts them: an event and its position, as the log has them. */
export const wired = (
  machine: Machine,
  backends: readonly Backend[],
  options: SequenceOptions = {},
  /** An effect that the run is to fail with. */
  faultOf: (effect: Effect) => Error | undefined = () => undefined,
): Observable<PositionedEvent> =>
  defer(() => {
    const effects$ = new Subject<Effect>();
    const failed$ = new Subject<never>();
    const taken$ = new Subject<MachineEvent>();
    const hear = (effect: Effect): void => {
      const fault = faultOf(effect);
      if (fault === undefined) effects$.next(effect);
      else failed$.error(fault);
    };
    const stopListening = machine.listen(hear);
    // A machine that goes on from a saved state asks its new backends for what the old ones owed it.
    const asked$ = defer(() => {
      machine.outstandingEffects.forEach(hear);
      return EMPTY;
    });
    const folded$ = merge(...backends.map((backend) => backend(effects$, taken$)), asked$).pipe(
      sequence(machine, options),
      tap({
        next: (event) => {
          fold(machine, event);
          if (rowOf(event.event.type).origin === "input") taken$.next(event.event);
        },
        finalize: () => {
          stopListening();
          failed$.complete();
          effects$.complete();
          taken$.complete();
        },
      }),
    );
    return beside(folded$, failed$).pipe(controlled(options.control, machine));
  }).pipe(share());
