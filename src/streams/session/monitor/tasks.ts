/** `task` and `info tasks`: a Linux guest's, by the types that its kernel carries. */
import type { LinuxTask } from "../../past/names/linux/index.js";
import type { MonitorCommand } from "./monitor-command.js";
import type { MonitorTarget } from "../target/target.js";

export const TASK_COMMAND: MonitorCommand = {
  names: ["task"],
  help: "the task of a Linux guest that the hart runs: its number, its process, its name",
  run(target) {
    const task = target.kernel?.taskOf(target.present());
    return task === undefined
      ? "No task is known here: the hart is in firmware, or there is no Linux."
      : taskText(task);
  },
};

/** All, each that a hart runs with that hart. */
export function tasksText(target: MonitorTarget): string {
  const { kernel } = target;
  const present = target.present();
  const all = kernel?.tasksOf(present);
  if (kernel === undefined || all === undefined) {
    return "No tasks are known here: Linux has not come so far, or there is none.";
  }
  const running = new Map(present.harts.map((_, hart) => [kernel.taskOf(present, hart)?.address, hart]));
  const lines = all.tasks.map((task) => {
    const hart = running.get(task.address);
    return `${hart === undefined ? " " : "*"} ${taskText(task)}${hart === undefined ? "" : `, on hart ${String(hart)}`}`;
  });
  return [...lines, ...(all.isWhole ? [] : ["there may be more: a list is under change"])].join("\n");
}

const taskText = ({ pid, tgid, comm, address }: LinuxTask): string =>
  `pid ${String(pid)}, process ${String(tgid)}, ${printable(comm)}, at 0x${address.toString(16)}`;

/** A task names itself. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, "?");
