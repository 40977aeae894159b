/** A monitor for people and scripts, with the names that QEMU's has: a line in, an answer or an error with a code out. */
import { COMMANDS } from "./commands.js";
import type { MonitorCommand } from "./monitor-command.js";
import { MonitorError } from "./monitor-error.js";
import type { MonitorTarget } from "./target.js";

export const PROMPT = "(foldvm) ";

export class Monitor {
  constructor(private readonly target: MonitorTarget) {}

  /** What the line answers; empty where there is nothing to say. @throws {MonitorError} and what the target throws. */
  async execute(line: string): Promise<string> {
    const [word = "", ...operands] = line.trim().split(/\s+/);
    if (word === "" || word.startsWith("#")) return "";
    // x/8xw is x /8xw.
    const [, name = word, attached] = /^([^/]+)(\/.*)?$/.exec(word) ?? [];
    const given = attached === undefined ? operands : [attached, ...operands];
    if (name === "help" || name === "?") return help(given[0]);
    const command = find(name);
    if (command === undefined) throw unknown(name);
    return (await command.run(this.target, given)) ?? "";
  }

  /** What a word can become, for a line editor. */
  complete(line: string): string[] {
    return COMMANDS.flatMap(({ names }) => names).filter((name) => name.startsWith(line));
  }
}

const find = (name: string): MonitorCommand | undefined => COMMANDS.find(({ names }) => names.includes(name));

function help(name: string | undefined): string {
  if (name === undefined) {
    const rows = COMMANDS.map(
      ({ names, operands, help: text }) => [`${names.join("|")} ${operands ?? ""}`.trim(), text] as const,
    );
    const width = Math.max(...rows.map(([left]) => left.length));
    return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`).join("\n");
  }
  const command = find(name);
  if (command === undefined) throw unknown(name);
  return `${command.names.join("|")} ${command.operands ?? ""}`.trim() + ` -- ${command.help}`;
}

function unknown(name: string): MonitorError {
  const near = COMMANDS.flatMap(({ names }) => names).filter((known) => known.startsWith(name.slice(0, 2)));
  const hint = near.length === 0 ? "help lists those there are" : `is ${near.join(" or ")} meant?`;
  return new MonitorError("UNKNOWN_COMMAND", `there is no command ${name}; ${hint}`);
}
