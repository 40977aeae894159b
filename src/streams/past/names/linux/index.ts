/** The names of a Linux kernel, its modules and its tasks. */
export { linuxNames, LinuxNames } from "./linux-names.js";
export type { KernelPlace } from "./kernel-place.js";
export type { LinuxModule } from "./modules.js";
export { readScheduling, type SchedulingMembers, type TaskScheduling, type TaskState } from "./scheduling.js";
export { readTaskBy, type LinuxTask, type LinuxTasks, type ReadMemory, type TaskMembers } from "./tasks.js";
export type { MemoryRange as KernelRange } from "./remembered.js";
