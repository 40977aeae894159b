/** Who takes states of a machine on its way. */
import type { MachineState } from "../../machine/state.js";
import type { PlainPosition } from "../../reducers/position.js";

export interface StateKeeper {
  /** Where a machine that goes from a position to `untilIcount` stops next for a state; Infinity: nowhere. */
  nextIcount(position: PlainPosition, untilIcount: number): number;
  /** `isWhole`, by default: no instruction is under way in it. */
  keep(state: MachineState, isWhole?: boolean): void;
}

/** All of those that there are as one; undefined: there is none. Each gets what the others asked for too. */
export function keeperOf(keepers: readonly (StateKeeper | undefined)[]): StateKeeper | undefined {
  const there = keepers.filter((keeper) => keeper !== undefined);
  if (there.length < 2) return there[0];
  return {
    nextIcount: (position, untilIcount) => Math.min(...there.map((keeper) => keeper.nextIcount(position, untilIcount))),
    keep(state, isWhole) {
      for (const keeper of there) keeper.keep(state, isWhole);
    },
  };
}
