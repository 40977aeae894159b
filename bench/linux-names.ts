/** What the names of a Linux kernel cost: for the first state of a process, and for one that shares its pages. */
import type { MachineState } from "../src/machine/state.js";
import { linuxNames } from "../src/streams/past/names/linux/index.js";

export interface NamesCost {
  readonly symbols: number;
  /** CPU time until all symbols, a structure by its name, a prototype and the tasks are there. */
  readonly firstMs: number;
  readonly nextMs: number;
}

/** In a process that has not asked for them before. @throws where no kernel runs in one of the states */
export function linuxNamesCost(first: MachineState, next: MachineState): NamesCost {
  const [firstMs, symbols] = timed(first);
  const [nextMs] = timed(next);
  return { symbols, firstMs, nextMs };
}

function timed(state: MachineState): readonly [ms: number, symbols: number] {
  const before = process.cpuUsage();
  const names = linuxNames(state);
  if (names === undefined) throw new Error("no Linux kernel runs there");
  const symbols = names.symbols().length;
  names.typeNamed("struct task_struct");
  names.functionType("vfs_read");
  names.tasksOf(state);
  const { user, system } = process.cpuUsage(before);
  return [(user + system) / 1000, symbols];
}
