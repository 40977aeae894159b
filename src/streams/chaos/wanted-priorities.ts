/** The harts' priorities as a strategy wants them; a reset of the machine takes them back. */
import type { Machine } from "../../machine/machine.js";
import type { DeviationEvent } from "./deviations.js";

export class WantedPriorities {
  /** By hart. As the schedule's own, all are 0 at first. */
  private readonly wanted: number[];

  constructor(harts: number) {
    this.wanted = new Array<number>(harts).fill(0);
  }

  /** To be followed by `settle`. */
  want(hart: number, priority: number): void {
    this.wanted[hart] = priority;
  }

  /** Makes them so, and lets the hart of the highest one begin at once. */
  *settle(machine: Machine): Generator<DeviationEvent, void> {
    let hasChanged = false;
    for (const [hart, priority] of this.wanted.entries()) {
      if (machine.present.schedule.priorities[hart] === priority) continue;
      hasChanged = true;
      yield { type: "schedule/hartPrioritized", hart, priority };
    }
    if (hasChanged) yield* endTurn(machine);
  }
}

/** Nothing where no other hart can run. */
export function* endTurn(machine: Machine): Generator<DeviationEvent, void> {
  const { untilIcount } = machine.present.schedule;
  if (untilIcount !== null && untilIcount > machine.position.icount) yield { type: "schedule/turnEnded" };
}
