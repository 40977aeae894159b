/** A recording's states at chosen places, in a state index. */
import { Machine } from "../../src/machine/machine.js";
import type { MachineState } from "../../src/machine/state.js";
import type { Recording } from "../../src/streams/past/recording.js";
import { replay } from "../../src/streams/past/replayer.js";
import { bytesSource } from "../../src/streams/store/log/index.js";
import { openStateIndex, StateIndexBuilder, type StateIndex } from "../../src/streams/store/state-index/index.js";

export interface Indexed {
  readonly start: MachineState;
  /** What was taken, whether it is in the index or not. */
  readonly taken: readonly MachineState[];
  readonly builder: StateIndexBuilder;
  readonly bytes: Uint8Array;
}

/** States at these icounts, and at the end. */
export function indexedAt(recording: Recording, icounts: readonly number[], maxBytes?: number): Indexed {
  const machine = recording.openMachine((initial, options) => new Machine(initial, options));
  const start = machine.state();
  const builder = new StateIndexBuilder(start, maxBytes);
  const taken: MachineState[] = [];
  const take = (isWhole: boolean): void => {
    const state = machine.state();
    taken.push(state);
    builder.keep(state, isWhole);
  };
  for (const icount of icounts) {
    replay(machine, recording.log, icount);
    take(true);
  }
  replay(machine, recording.log);
  take(false);
  return { start, taken, builder, bytes: bytesOf(builder, recording.log.identity) };
}

export const bytesOf = (builder: StateIndexBuilder, identity: bigint): Uint8Array =>
  Uint8Array.from(Buffer.concat([...builder.encode(identity)]));

export const opened = (recording: Recording, bytes: Uint8Array, start: MachineState): StateIndex =>
  openStateIndex(bytesSource(bytes), recording.log.identity, start);

/** So many, evenly, without the ends. */
export const evenly = (insns: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => Math.floor((insns * (index + 1)) / (count + 1)));
