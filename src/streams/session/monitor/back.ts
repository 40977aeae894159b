/** Commands that go to any place of a recording, back too. */
import { countOf } from "./evaluate.js";
import { notHere, required, type MonitorCommand } from "./monitor-command.js";
import type { MonitorTarget } from "./target.js";
import { where } from "./told.js";

export const BACK_COMMANDS: readonly MonitorCommand[] = [
  {
    names: ["replay_seek"],
    operands: "ICOUNT",
    help: "go to an instruction count of the recording, forward or back",
    run: (target, operands) => seek(target, countOf(required(operands, "an instruction count"), target)),
  },
  {
    names: ["reverse-stepi", "reverse_stepi", "rsi"],
    operands: "[N]",
    help: "go N instructions back (1), not beyond the recording's start",
    isRepeated: true,
    run(target, operands) {
      const present = target.present();
      const insns = operands === "" ? 1 : countOf(operands, target);
      return seek(target, Math.max(target.firstIcount ?? 0, present.position.icount - insns));
    },
  },
];

async function seek(target: MonitorTarget, icount: number): Promise<string> {
  if (target.seek === undefined) throw notHere(target, "a machine that runs goes forward only; replay its recording");
  await target.seek(icount);
  return where(target);
}
