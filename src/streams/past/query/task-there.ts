/** The task of a Linux guest that something is about, read where the machine stands. */
import { seenBy } from "../../../machine/inspect.js";
import type { Machine } from "../../../machine/machine.js";
import { readMemory } from "../names/memory.js";
import { readTaskBy, type LinuxTask, type TaskMembers } from "../names/linux/index.js";

/** `address`: of its `task_struct`. Undefined: there is none. */
export const taskThere = (
  machine: Machine,
  address: bigint,
  members: TaskMembers | undefined,
): LinuxTask | undefined => {
  if (members === undefined) return undefined;
  const view = seenBy(machine.present, machine.hart);
  return readTaskBy((...place) => readMemory(view, ...place), members, address);
};
