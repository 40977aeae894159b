/** `foldvm run`: a machine on the terminal. */
import { command } from "../command.js";
import { dumpDeviceTree } from "../device-tree-dump.js";
import { sessionPlan, SESSION_OPTIONS } from "../session-arguments.js";
import { report } from "../session-report.js";
import { verdict } from "../verdict.js";

export const run = command({
  name: "run",
  summary: "Runs a machine: its console is the terminal, or standard input and output.",
  hasOutcome: true,
  options: SESSION_OPTIONS,
  notes:
    "QEMU's lines for its virt machine are taken as they are, but for what a device or a network can't be here.\n" +
    "On a terminal, Ctrl-A X quits and Ctrl-A H helps. The guest's exit code is the command's.\n" +
    "Example: foldvm run --memory 256M --bios fw_jump.elf --kernel Image --initrd initramfs.cpio --append console=ttyS0\n",
  read(args) {
    const plan = sessionPlan(args);
    return async (stdio) => {
      if (plan.deviceTreeOutput !== undefined) return dumpDeviceTree(plan.deviceTreeOutput, plan, stdio);
      const end = await plan.run(stdio);
      const said = verdict(args, end, plan.expectsExit);
      report(args, stdio, { end, verdict: said, members: { chaos: plan.chaos } });
      return said.code;
    };
  },
});
