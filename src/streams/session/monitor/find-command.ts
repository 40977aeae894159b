/** A command by what was typed for its name: whole, or cut short as long as it is one command's. */
import { COMMANDS } from "./commands.js";
import type { MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "./monitor-error.js";
import { nearest, orList } from "./nearest.js";

/** @throws {MonitorError} UNKNOWN_COMMAND, AMBIGUOUS_COMMAND */
export function findCommand(word: string): MonitorCommand {
  const whole = COMMANDS.find(({ names }) => names.includes(word));
  if (whole !== undefined) return whole;
  const begun = COMMANDS.filter(({ names }) => names.some((name) => name.startsWith(word)));
  const [command, ...others] = begun;
  if (command !== undefined && others.length === 0) return command;
  if (command !== undefined) {
    const meant = begun.flatMap(({ names }) => names.filter((name) => name.startsWith(word)));
    throw new MonitorError("AMBIGUOUS_COMMAND", `${word} can be ${orList(meant)}`);
  }
  const near = nearest(word, commandNames()).slice(0, 2);
  throw new MonitorError("UNKNOWN_COMMAND", `there is no command ${word}; is ${orList(near)} meant? help lists all`);
}

export const commandNames = (): readonly string[] => COMMANDS.flatMap(({ names }) => names);
