/** `help`: all commands, or one. */
import { COMMANDS } from "./commands.js";
import { findCommand } from "./find-command.js";
import type { MonitorCommand } from "./monitor-command.js";

/** @throws {MonitorError} */
export function help(name: string): string {
  if (name === "") {
    const rows = COMMANDS.map((command) => [usage(command), command.help] as const);
    const width = Math.max(...rows.map(([left]) => left.length));
    return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`).join("\n");
  }
  const command = findCommand(name);
  return [`${usage(command)} -- ${command.help}`, ...(command.details === undefined ? [] : [command.details])].join(
    "\n",
  );
}

const usage = ({ names, operands = "" }: MonitorCommand): string => `${names.join("|")} ${operands}`.trim();
