/** The monitor's commands, one a row; names and operands as QEMU's where QEMU has them. */
import { formatOf, memoryText } from "./examine.js";
import { evaluate } from "./expression.js";
import { INFO_COMMAND } from "./info.js";
import { notHere, required, where, type MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "./monitor-error.js";
import { MOVING_COMMANDS } from "./moving.js";
import type { MonitorTarget } from "./target.js";
import { hexAddress } from "../../../reducers/hex.js";

export const COMMANDS: readonly MonitorCommand[] = [
  INFO_COMMAND,
  {
    names: ["x"],
    operands: "/FMT ADDRESS",
    help: "virtual memory, such as x /8xw $sp or x /5i $pc",
    run: (target, operands) => examine(target, operands, false),
  },
  {
    names: ["xp"],
    operands: "/FMT ADDRESS",
    help: "physical memory; a device's register without a read's effects",
    run: (target, operands) => examine(target, operands, true),
  },
  {
    names: ["print", "p"],
    operands: "EXPRESSION",
    help: "a number, such as $a0 or $pc+4",
    run: (target, operands) => hexAddress(evaluate(required(operands, "an expression"), target.state())),
  },
  ...MOVING_COMMANDS,
  {
    names: ["savevm"],
    operands: "NAME",
    help: "put the present state into the recording under a name",
    async run(target, operands) {
      const name = required([operands.join(" ")], "a name");
      const wasRunning = !target.control.isPaused;
      await target.control.pause();
      target.saveSnapshot(name);
      if (wasRunning) target.control.resume();
      return undefined;
    },
  },
  {
    names: ["loadvm"],
    operands: "NAME",
    help: "go to a snapshot of the recording",
    async run(target, operands) {
      if (target.loadSnapshot === undefined) throw notHere(target, "begin another recording with --from FILE#NAME");
      await target.loadSnapshot(required([operands.join(" ")], "a name"));
      return where(target);
    },
  },
  {
    names: ["delvm"],
    operands: "NAME",
    help: "take a snapshot's name away",
    run(target, operands) {
      target.deleteSnapshot(required([operands.join(" ")], "a name"));
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

function examine(target: MonitorTarget, operands: readonly string[], isPhysical: boolean): string {
  const hasFormat = operands[0]?.startsWith("/") === true;
  const state = target.state();
  const at = evaluate(required([operands.slice(hasFormat ? 1 : 0).join("")], "an address"), state);
  return memoryText(state, at, formatOf(hasFormat ? operands[0] : undefined), isPhysical);
}
