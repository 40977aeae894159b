/** Who takes states of a machine on its way. */
import type { MachineState } from "../../machine/state.js";
import type { PlainPosition } from "../../reducers/position.js";

export interface StateKeeper {
  /** Where a machine that goes from a position to `untilIcount` stops next for a state; Infinity: nowhere. */
  nextIcount(position: PlainPosition, untilIcount: number): number;
  /** `isWhole`, by default: no instruction is under way in it. */
  keep(state: MachineState, isWhole?: boolean): void;
}
