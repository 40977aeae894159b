/** Machines of a recording that wait for its next branch: making one, and compiling its guest's code, takes long. */
import type { Machine } from "../../../machine/machine.js";
import type { Recording } from "../recording.js";

export const MAX_IDLE_MACHINES = 2;
const idleMachines = new WeakMap<Recording, Machine[]>();

/** Lends a machine, which stands anywhere. @throws {ImageError} */
export function withMachine<T>(recording: Recording, work: (machine: Machine) => T): T {
  const machine = lend(recording);
  try {
    return work(machine);
  } finally {
    takeBack(recording, machine);
  }
}

/** For as long as the generator runs. @throws {ImageError} */
export function* onMachine<Step, End>(
  recording: Recording,
  work: (machine: Machine) => Generator<Step, End>,
): Generator<Step, End> {
  const machine = lend(recording);
  try {
    return yield* work(machine);
  } finally {
    takeBack(recording, machine);
  }
}

const lend = (recording: Recording): Machine => idleMachines.get(recording)?.pop() ?? recording.openMachine();

function takeBack(recording: Recording, machine: Machine): void {
  const idle = idleMachines.get(recording) ?? [];
  if (idle.length < MAX_IDLE_MACHINES) idle.push(machine);
  idleMachines.set(recording, idle);
}
