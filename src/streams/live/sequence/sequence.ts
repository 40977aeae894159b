/** The operator that gives every event its position. Downstream must fold each event before it returns. */
import { Observable, type OperatorFunction } from "rxjs";

import type { Machine } from "../../../machine/machine.js";
import type { MachineEvent, PositionedEvent } from "../../../reducers/events.js";
import type { SequenceOptions } from "./sequence-options.js";
import { Sequencer } from "./sequencer.js";

export const sequence =
  (machine: Machine, options: SequenceOptions = {}): OperatorFunction<MachineEvent, PositionedEvent> =>
  (inputs$) =>
    new Observable((subscriber) => {
      const sequencer = new Sequencer(machine, options, {
        next: (event) => {
          subscriber.next(event);
        },
        complete: () => {
          subscriber.complete();
        },
        error: (fault) => {
          subscriber.error(fault);
        },
      });
      // First of all: whoever takes one event unsubscribes while it is being delivered, within `start`.
      subscriber.add(() => {
        sequencer.stop();
      });
      subscriber.add(
        inputs$.subscribe({
          next: (event) => {
            sequencer.offer(event);
          },
          complete: () => {
            sequencer.setInputEnded(true);
          },
          error: (fault: unknown) => {
            subscriber.error(fault);
          },
        }),
      );
      subscriber.add(
        options.inputEnded$?.subscribe((hasEnded) => {
          sequencer.setInputEnded(hasEnded !== false);
        }),
      );
      if (!subscriber.closed) sequencer.start();
    });
