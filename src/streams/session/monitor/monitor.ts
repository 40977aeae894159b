/**
 * A monitor for people and scripts, with the names that QEMU's has: a line in, an answer or an error with a code out.
 */
import { begunName } from "./completion.js";
import { commandNames, findCommand } from "./find-command.js";
import { help } from "./help.js";
import { told } from "./told.js";
import type { MonitorTarget } from "./target.js";

export const PROMPT = "(foldvm) ";

const HELP = ["help", "?"];

export class Monitor {
  /** The last line, where its command is one that is repeated. */
  private repeated = "";
  private interruption: Promise<string | undefined> | undefined;

  constructor(private readonly target: MonitorTarget) {}

  /** What the line answers; empty where there is nothing to say. @throws {MonitorError} and what the target throws. */
  async execute(line: string): Promise<string> {
    this.repeated = "";
    this.interruption = undefined;
    const { name, operands } = partsOf(line);
    if (name === "" || name.startsWith("#")) return "";
    if (HELP.includes(name)) return help(operands);
    const command = findCommand(name);
    if (command.isRepeated === true) this.repeated = line;
    const answer = await command.run(this.target, operands);
    return (await this.interrupted()) ?? answer ?? "";
  }

  /** What an empty line of a person means: the last command again, where that is one that steps. */
  repeat(): Promise<string> {
    return this.execute(this.repeated);
  }

  /**
   * Stops what runs, and says where; undefined where nothing did. A command that waits for the machine then answers the
   * same.
   */
  interrupt(): Promise<string | undefined> {
    return (this.interruption = this.stop());
  }

  /** What the last word can become, and that word, as a line editor wants them. */
  complete(line: string): [string[], string] {
    const { name, operands } = partsOf(line);
    if (!/\s/.test(line.trimStart())) {
      return [[...commandNames(), ...HELP].filter((known) => known.startsWith(name)), name];
    }
    const word = /[^\s]*$/.exec(line)?.[0] ?? "";
    if (HELP.includes(name)) return [commandNames().filter((known) => known.startsWith(word)), word];
    try {
      return [[...(findCommand(name).complete?.(this.target, operands) ?? [])], begunName(line)];
    } catch {
      return [[], word];
    }
  }

  private interrupted(): Promise<string | undefined> {
    return this.interruption ?? Promise.resolve(undefined);
  }

  private async stop(): Promise<string | undefined> {
    const { control } = this.target;
    if (this.target.giveUp?.() === true) return "";
    return control.isPaused || control.hasEnded ? undefined : told(await control.pause());
  }
}

/** `x/8xw` is `x /8xw`. */
const partsOf = (line: string): { name: string; operands: string } => {
  const [, name = "", operands = ""] = /^([^\s/]*)\s*(.*)$/s.exec(line.trim()) ?? [];
  return { name, operands };
};
