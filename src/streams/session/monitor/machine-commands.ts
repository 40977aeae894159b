/** Commands on what a person can touch of a machine: its keyboard, its buttons, its plug. */
import { notHere, textOf, type MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "../target/monitor-error.js";

export const MACHINE_COMMANDS: readonly MonitorCommand[] = [
  {
    names: ["type"],
    operands: "TEXT",
    help: 'type at the guest\'s console, such as type "ls\\n"',
    details:
      "In quotes the text has JSON's escapes, such as \\n (the Enter key of most guests), \\t, \\u0003 (Ctrl-C); without, it is typed as it stands.",
    run(target, operands) {
      if (target.type === undefined) throw notHere(target, "a recording has the input that it has");
      target.type(new TextEncoder().encode(textOf(operands)));
      return undefined;
    },
  },
  {
    names: ["system_reset"],
    help: "press the reset button",
    run(target) {
      if (target.reset === undefined) throw notHere(target, "a recording has the resets that it has");
      target.reset();
      return undefined;
    },
  },
  {
    names: ["system_powerdown"],
    help: "there is no power button, as QEMU's virt for RISC-V has none",
    run() {
      throw new MonitorError(
        "NO_POWER_BUTTON",
        "the machine has no power button that its guest could see, nor has QEMU's virt for RISC-V, whose monitor then says " +
          "nothing; switch it off in the guest, or with quit",
      );
    },
  },
  {
    names: ["quit", "q"],
    help: "end; a recording is closed",
    run(target) {
      target.quit();
      return undefined;
    },
  },
];
