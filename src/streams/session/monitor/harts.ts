/** `info cpus`, `info schedule` and `cpu`: which harts there are, and which one the other commands are about. */
import { hartOf, type Inspected } from "../../../machine/inspect.js";
import { WAITING } from "../../../machine/hart/fields.js";
import { hexAddress } from "../../../reducers/hex.js";
import { retiredBy } from "../../../reducers/schedule.js";
import type { MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "../target/monitor-error.js";

const MODES: Readonly<Record<string, string>> = { "0": "U", "1": "S", "3": "M" };

/** A line a hart, as QEMU's: an asterisk is before the one that the other commands are about. */
export function hartsText(at: Inspected): string {
  const retired = retiredBy(at.schedule, at.position.icount);
  return at.harts
    .map(({ fields: { pc, privilege, waiting } }, hart) => {
      const mark = hart === hartOf(at) ? "*" : " ";
      const mode = MODES[String(privilege)] ?? "?";
      const halted = waiting === WAITING.no ? "" : " (halted)";
      const turn = hart === at.schedule.hart ? ", has the turn" : "";
      const insns = String(retired[hart] ?? 0);
      return `${mark} CPU #${String(hart)}: pc=${hexAddress(pc, 16)} in ${mode} mode${halted}, ${insns} instructions${turn}`;
    })
    .join("\n");
}

/** Whose turn it is, since when and until when, and the priorities by hart. */
export function scheduleText({ schedule: { hart, sinceIcount, untilIcount, priorities } }: Inspected): string {
  const until = untilIcount === null ? "without an end: no other hart can run" : `until ${String(untilIcount)}`;
  return [
    `turn: hart ${String(hart)}, since instruction ${String(sinceIcount)}, ${until}`,
    `priorities: ${priorities.map((priority, index) => `hart ${String(index)} ${String(priority)}`).join(", ")}`,
  ].join("\n");
}

export const CPU_COMMAND: MonitorCommand = {
  names: ["cpu"],
  operands: "[N]",
  help: "look at hart N from now on; without N: at the one whose turn it is",
  run(target, operands) {
    const count = target.present().harts.length;
    if (operands !== "" && !(/^\d+$/.test(operands) && Number(operands) < count)) {
      throw new MonitorError("NO_SUCH_HART", `there is no hart ${operands}: the machine has 0 to ${String(count - 1)}`);
    }
    target.hart = operands === "" ? undefined : Number(operands);
    return undefined;
  },
};
