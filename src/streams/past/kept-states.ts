/** States that a recording was asked for, for a later question to go on from. */
import type { MachineState } from "../../machine/state.js";
import type { PlainPosition } from "../../reducers/position.js";
import type { Until } from "./until.js";

/** States share what did not change, so a few cost little more than one. */
export const MAX_KEPT_STATES = 16;

export class KeptStates {
  private readonly states: MachineState[] = [];

  keep(state: MachineState): void {
    this.states.push(state);
    if (this.states.length > MAX_KEPT_STATES) this.states.shift();
  }

  latest(isWanted: (position: PlainPosition) => boolean): MachineState | undefined {
    return this.states
      .filter(({ position }) => isWanted(position))
      .sort((a, b) => a.position.icount - b.position.icount)
      .at(-1);
  }
}

/** Whether a machine at a position has the place yet ahead of it. */
export const beforePosition = (until: Until | undefined): ((position: PlainPosition) => boolean) => {
  const { seq = Infinity, icount = Infinity } = typeof until === "number" ? { icount: until } : (until ?? {});
  return seq === Infinity
    ? (position) => position.icount < icount
    : (position) => position.seq < seq && position.icount <= icount;
};
