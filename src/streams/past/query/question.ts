/** What a query asks of each part of a replay. */
import type { Probed, Probes } from "../../../machine/engine/probes.js";
import type { Machine } from "../../../machine/machine.js";
import type { MachineState } from "../../../machine/state.js";
import type { Effect } from "../../../reducers/effect.js";

/** A row is made while the machine stands there, so that its registers can be read. */
export interface Question<Row> {
  readonly probes?: Probes;
  /** Of what a probe told. `icount`: the instructions retired before. */
  row?(machine: Machine, icount: number, probed: Probed): Row | undefined;
  /** Of what the guest asked of the world. */
  heard?(machine: Machine, effect: Effect): readonly Row[];
  /** Whether two states, one behind the other, show that there is no row between them. */
  rulesOut?(before: MachineState, after: MachineState): boolean;
  /** A row may come of what happened long before it, so that the recording is asked from the beginning on. */
  readonly needsAll?: boolean;
}
