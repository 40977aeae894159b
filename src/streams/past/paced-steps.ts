/** A machine that is run in steps, as a stream: the host has its turns, and a control holds it and lets it go on. */
import { EMPTY, merge, Observable, Subscription, type Unsubscribable } from "rxjs";

import type { Machine } from "../../machine/machine.js";
import type { PositionedEvent } from "../../reducers/events.js";
import { controlled, type Control } from "../time/control.js";
import type { HostTime } from "../time/host-time.js";
import type { Demand } from "../time/pulled.js";

export interface ReplayOptions {
  readonly time?: HostTime;
  /** Stops the replay and lets it go on. */
  readonly control?: Control | undefined;
}

const TURN_MS = 50;
/** Events may come too fast to look at the clock after each. */
const EVENTS_A_LOOK = 16;
const INSNS_A_LOOK = 100_000;

/** Runs them as fast as they come, as long as nobody holds them. */
export const pacedSteps = (
  steps: Generator<PositionedEvent | undefined, void>,
  { time, control, demand }: ReplayOptions & { readonly time: HostTime; readonly demand: Demand | undefined },
  machine: Machine,
): Observable<PositionedEvent> =>
  new Observable<PositionedEvent>((subscriber) => {
    let turn: Unsubscribable = Subscription.EMPTY;
    let isHeld = false;
    let events = 0;
    let lookedAt = 0;
    /** False: the turn is over. */
    const goesOn = (untilMs: number): boolean => {
      isHeld = control?.holds() === true || demand?.isMet === true;
      if (isHeld) return false;
      const { done, value } = steps.next();
      if (done === true) {
        subscriber.complete();
        return false;
      }
      if (value !== undefined) {
        subscriber.next(value);
        control?.saw(value);
        events += 1;
        if (events % EVENTS_A_LOOK !== 0 && value.icount < lookedAt + INSNS_A_LOOK) return true;
        lookedAt = value.icount;
      }
      if (time.monotonicMs() <= untilMs) return true;
      turn = time.nextTurn.subscribe({ next: work });
      return false;
    };
    const work = (): void => {
      const untilMs = time.monotonicMs() + TURN_MS;
      try {
        while (!subscriber.closed && goesOn(untilMs));
      } catch (fault) {
        subscriber.error(fault);
      }
    };
    // Before anything runs: whoever takes one event unsubscribes while it is being delivered.
    subscriber.add(() => {
      turn.unsubscribe();
      machine.breakOff();
    });
    subscriber.add(
      merge(control?.changed$ ?? EMPTY, demand?.changed$ ?? EMPTY).subscribe(() => {
        if (isHeld) work();
      }),
    );
    work();
  }).pipe(controlled(control, machine));
