/** `help`: all commands, or one. */
import { findCommand, namesOf } from "./find-command.js";
import type { MonitorCommand } from "./monitor-command.js";

/** `commands`: all there are, itself among them. */
export const helpCommand = (commands: () => readonly MonitorCommand[]): MonitorCommand => ({
  names: ["help", "?"],
  operands: "[COMMAND]",
  help: "all commands, or one",
  run: (_, operands) => (operands === "" ? overview(commands()) : helpOn(findCommand(firstWord(operands), commands()))),
  complete: (_, operands) => namesOf(commands()).filter((name) => name.startsWith(operands)),
});

function overview(commands: readonly MonitorCommand[]): string {
  const rows = commands.map((command) => [usage(command), command.help] as const);
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`).join("\n");
}

const helpOn = (command: MonitorCommand): string =>
  [`${usage(command)} -- ${command.help}`, ...(command.details === undefined ? [] : [command.details])].join("\n");

const usage = ({ names, operands = "" }: MonitorCommand): string => `${names.join("|")} ${operands}`.trim();

const firstWord = (operands: string): string => /^\S*/.exec(operands)?.[0] ?? "";
