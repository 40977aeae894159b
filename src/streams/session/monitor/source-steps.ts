/** Commands that step by lines of the source, forward and back. */
import { hartOf } from "../../../machine/inspect.js";
import { backInto, backOut, backOver } from "../stepping/back-steps.js";
import { stepInto, stepOver } from "../stepping/forward-steps.js";
import type { StepEnd } from "../stepping/step-end.js";
import type { MonitorCommand } from "./monitor-command.js";
import type { MonitorTarget } from "../target/target.js";
import { hitText, where } from "./told.js";

const stepping = (
  names: readonly string[],
  step: (target: MonitorTarget, hart: number) => Promise<StepEnd>,
  help: string,
): MonitorCommand => ({
  names,
  help,
  isRepeated: true,
  run: async (target) => steppedText(await step(target, hartOf(target.present())), target),
});

export const SOURCE_STEP_COMMANDS: readonly MonitorCommand[] = [
  stepping(["next", "n"], stepOver, "run to the next line of the function, or to where it returns"),
  stepping(["step-line", "sl"], stepInto, "the same, but into a function that the line calls"),
  stepping(["reverse-next", "rn"], backOver, "go back to the line before, or to the line that called the function"),
  stepping(
    ["reverse-step", "rs"],
    backInto,
    "the same, but to the last line of a function that the line before called",
  ),
  stepping(["reverse-finish", "rf"], backOut, "go back to the call of the function"),
];

function steppedText(end: StepEnd, target: MonitorTarget): string {
  const at = target.present();
  const [line] = target.names.linesAt(at.harts[hartOf(at)]?.fields.pc ?? 0n);
  const source = line === undefined ? "" : ` (${line.function ?? "?"}, ${line.file}:${String(line.line)})`;
  return `${causeText(end, target)}${where(target)}${source}`;
}

function causeText(end: StepEnd, target: MonitorTarget): string {
  switch (end.cause) {
    case "stepped":
      return "";
    case "hit":
      return `${hitText(end.hit, target)}: `;
    case "beginning":
      return "no line before; the start: ";
    case "failed":
      return `failed: ${end.fault instanceof Error ? end.fault.message : String(end.fault)}: `;
    default:
      return `${end.cause}: `;
  }
}
