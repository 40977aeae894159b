/** The task of a Linux guest that something is about, read where the machine stands. */
import { seenBy } from "../../../machine/inspect.js";
import type { Machine } from "../../../machine/machine.js";
import { readMemory } from "../names/memory.js";
import {
  readScheduling,
  readTaskBy,
  type LinuxTask,
  type ReadMemory,
  type SchedulingMembers,
  type TaskMembers,
  type TaskScheduling,
} from "../names/linux/index.js";

/** `address`: of its `task_struct`. Undefined: there is none. */
export const taskThere = (
  machine: Machine,
  address: bigint,
  members: TaskMembers | undefined,
): LinuxTask | undefined => {
  return members && readTaskBy(memoryThere(machine), members, address);
};

/** The same of what its scheduler knows of it. */
export const schedulingThere = (
  machine: Machine,
  address: bigint,
  members: SchedulingMembers | undefined,
): TaskScheduling | undefined => members && readScheduling(memoryThere(machine), members, address);

function memoryThere(machine: Machine): ReadMemory {
  const view = seenBy(machine.present, machine.hart);
  return (...place) => readMemory(view, ...place);
}
