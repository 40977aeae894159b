/** What a kernel's scheduler does, as Perfetto's tables `sched` and `thread_state` have it: states of tasks. */
import type { TaskState } from "../../past/names/linux/index.js";
import type { FormRow } from "../form-rows.js";
import type { Packets, SchedulerState } from "./packets.js";

/** Zombies whose number may be another task's one day. */
export const MAX_ZOMBIES = 1 << 16;

interface SwitchedTask {
  readonly pid: number;
  readonly comm: string;
  readonly priority: number | undefined;
}

/** No task: nothing runs. */
const IDLE = 0;

/** Perfetto's states are those of any kernel, and fewer: proc(5) has Linux' own. */
const STATES: Readonly<Record<TaskState, SchedulerState>> = {
  R: "runnable",
  S: "interruptibleSleep",
  D: "uninterruptibleSleep",
  I: "uninterruptibleSleep",
  T: "stopped",
  t: "stopped",
  P: "stopped",
  Z: "dead",
  X: "destroyed",
};

export class Scheduling {
  private readonly zombies = new Set<number>();

  constructor(private readonly packets: Packets) {}

  /** The task before is left, and then the next one runs. A kernel that does not tell why has neither. */
  *switched(row: FormRow): Generator<Uint8Array, void> {
    const previous = row["previous"] as SwitchedTask & { readonly state: TaskState | undefined };
    if (previous.state === undefined) return;
    yield* this.become(row, previous, STATES[previous.state]);
    const [pid, comm, priority] = [row["pid"], row["comm"], row["priority"]];
    yield* this.become(row, { pid, comm, priority } as SwitchedTask, "running");
  }

  private *become({ ns, hart }: FormRow, task: SwitchedTask, state: SchedulerState): Generator<Uint8Array, void> {
    const { pid, comm, priority } = task;
    if (pid === IDLE) return;
    const told = { ns, hart: hart ?? 0, comm, priority };
    // Whoever has the number of a zombie is another task: the zombie was waited for.
    if (this.zombies.delete(pid)) yield this.packets.taskState({ ...told, pid, state: "destroyed" });
    yield this.packets.taskState({ ...told, pid, state });
    if (state !== "dead") return;
    this.zombies.add(pid);
    if (this.zombies.size <= MAX_ZOMBIES) return;
    for (const oldest of this.zombies) {
      this.zombies.delete(oldest);
      yield this.packets.taskState({ ns, hart: hart ?? 0, pid: oldest, state: "destroyed" });
      return;
    }
  }
}
