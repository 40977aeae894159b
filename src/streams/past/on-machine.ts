/** A machine of a recording for as long as some work takes. */
import type { Machine } from "../../machine/machine.js";
import type { MachineState } from "../../machine/state.js";
import type { Recording } from "./recording.js";

/** At the recording's start. @throws {ImageError} */
export function withMachine<T>(recording: Recording, work: (machine: Machine) => T): T {
  const machine = recording.openMachine();
  try {
    return work(machine);
  } finally {
    machine.release();
  }
}

/** In this state, for as long as the generator runs. @throws {ImageError} */
export function* onMachine<Step, End>(
  recording: Recording,
  from: MachineState,
  work: (machine: Machine) => Generator<Step, End>,
): Generator<Step, End> {
  const machine = recording.openMachine(undefined, from);
  try {
    return yield* work(machine);
  } finally {
    machine.release();
  }
}
