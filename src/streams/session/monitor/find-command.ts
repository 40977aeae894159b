/** A command by what was typed for its name: whole, or cut short as long as it is one command's. */
import { nearestOf, orList } from "../../../options/nearest.js";
import { GDB_WORDS } from "./gdb-words.js";
import type { MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "../target/monitor-error.js";

/** @throws {MonitorError} UNKNOWN_COMMAND, AMBIGUOUS_COMMAND */
export function findCommand(word: string, commands: readonly MonitorCommand[]): MonitorCommand {
  const whole = commands.find(({ names }) => names.includes(word));
  if (whole !== undefined) return whole;
  const begun = commands.filter(({ names }) => names.some((name) => name.startsWith(word)));
  const [command, ...others] = begun;
  if (command === undefined) throw unknown(word, namesOf(commands));
  if (others.length === 0) return command;
  const meant = begun.flatMap(({ names }) => names.filter((name) => name.startsWith(word)));
  throw new MonitorError("AMBIGUOUS_COMMAND", `${word} can be ${orList(meant)}`);
}

export const namesOf = (commands: readonly MonitorCommand[]): readonly string[] =>
  commands.flatMap(({ names }) => names);

function unknown(word: string, names: readonly string[]): MonitorError {
  const instead = GDB_WORDS.get(word);
  if (instead !== undefined) return new MonitorError("UNKNOWN_COMMAND", `there is no ${word} here; ${instead}`);
  const near = nearestOf(word, names);
  const meant = near === undefined ? "" : `is ${near} meant? `;
  return new MonitorError("UNKNOWN_COMMAND", `there is no command ${word}; ${meant}help lists all`);
}
