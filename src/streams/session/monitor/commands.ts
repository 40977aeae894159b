/** All commands of the monitor, with the names and operands of QEMU's or gdb's where those have them. */
import { ASKING_COMMANDS } from "./asking.js";
import { BACK_COMMANDS } from "./back.js";
import { BRANCH_COMMANDS } from "./branching.js";
import { FORWARD_COMMANDS } from "./forward.js";
import { CPU_COMMAND } from "./harts.js";
import { helpCommand } from "./help.js";
import { INFO_COMMAND } from "./info.js";
import { LOOKING_COMMANDS } from "./looking.js";
import { MACHINE_COMMANDS } from "./machine-commands.js";
import type { MonitorCommand } from "./monitor-command.js";
import { FRAME_COMMANDS } from "./frames.js";
import { WHENCE_COMMAND } from "./whence-command.js";
import { SOURCE_STEP_COMMANDS } from "./source-steps.js";
import { STOPPING_COMMANDS } from "./stopping.js";
import { SNAPSHOT_COMMANDS } from "./snapshots.js";
import { TASK_COMMAND } from "./tasks.js";

export const COMMANDS: readonly MonitorCommand[] = [
  INFO_COMMAND,
  ...LOOKING_COMMANDS,
  CPU_COMMAND,
  ...FORWARD_COMMANDS,
  ...BACK_COMMANDS,
  ...SOURCE_STEP_COMMANDS,
  ...STOPPING_COMMANDS,
  ...ASKING_COMMANDS,
  TASK_COMMAND,
  WHENCE_COMMAND,
  ...FRAME_COMMANDS,
  ...BRANCH_COMMANDS,
  ...SNAPSHOT_COMMANDS,
  ...MACHINE_COMMANDS,
  helpCommand(() => COMMANDS),
];
