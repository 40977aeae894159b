/** What a kernel's scheduler knows of a task: whether it waits, and for what; and its priority. */
import type { StructLayout } from "./struct-layout.js";
import { intAt, type ReadMemory } from "./tasks.js";

/**
 * As `ps` has it, from proc(5): running or ready, sleeping, in uninterruptible sleep, stopped, stopped by a debugger,
 * dead, a zombie, parked, an idle thread of the kernel.
 */
export type TaskState = "R" | "S" | "D" | "T" | "t" | "X" | "Z" | "P" | "I";

export interface TaskScheduling {
  readonly state: TaskState;
  /** The kernel's: 0 to 99 is real time, 120 is a nice of 0. */
  readonly priority: number;
}

/** Where in a `task_struct` that stands, in bytes. Plain data. */
export interface SchedulingMembers {
  readonly state: number;
  readonly exitState: number;
  readonly queued: number;
  /** Since 6.12: the task sleeps, and its queue has not let go of it yet. */
  readonly delayed?: number | undefined;
  readonly priority: number;
}

/** Undefined: the kernel does not tell. */
export function schedulingMembers(layout: StructLayout): SchedulingMembers | undefined {
  const offset = (...paths: readonly string[]): number | undefined => layout.offset("task_struct", ...paths);
  // The first of both since 5.14.
  const state = offset("__state", "state");
  const [exitState, queued, priority] = ["exit_state", "on_rq", "prio"].map((member) => offset(member));
  if (state === undefined || exitState === undefined || queued === undefined || priority === undefined)
    return undefined;
  return { state, exitState, queued, delayed: offset("se.sched_delayed"), priority };
}

/** Of a task that is just being left for another one. Undefined: it is not mapped. */
export function readScheduling(
  read: ReadMemory,
  members: SchedulingMembers,
  address: bigint,
): TaskScheduling | undefined {
  const numberAt = (offset: number, byteLength?: number): number | undefined =>
    intAt(read, address + BigInt(offset), byteLength);
  const [state, exitState] = [numberAt(members.state), numberAt(members.exitState)];
  const [queued, priority] = [numberAt(members.queued), numberAt(members.priority)];
  const delayed = members.delayed === undefined ? 0 : numberAt(members.delayed, 1);
  if (state === undefined || exitState === undefined || queued === undefined || priority === undefined)
    return undefined;
  // Who is preempted on the way to sleep has the state of a sleeper, and runs on.
  return { state: queued !== 0 && delayed === 0 ? "R" : letterOf(state, exitState), priority };
}

/** `task_state_index` of include/linux/sched.h: the same bits since 4.14, which is older than BTF. */
function letterOf(state: number, exitState: number): TaskState {
  if ((state & TASK_IDLE) === TASK_IDLE) return "I";
  if ((state & (TASK_RTLOCK_WAIT | TASK_FROZEN)) !== 0) return "D";
  const highest = 32 - Math.clz32((state | exitState) & TASK_REPORT);
  return LETTERS[highest] ?? "R";
}

const LETTERS = ["R", "S", "D", "T", "t", "X", "Z", "P"] as const;
const TASK_REPORT = 0x7f;
const TASK_IDLE = 0x402;
const TASK_RTLOCK_WAIT = 0x1000;
const TASK_FROZEN = 0x8000;
