/**
 * A monitor for people and scripts, with the names that QEMU's has: a line in, an answer or an error with a code out.
 */
import { COMMANDS } from "./commands.js";
import { begunName } from "./completion.js";
import { findCommand, namesOf } from "./find-command.js";
import { told } from "./told.js";
import type { MonitorTarget } from "../target/target.js";

export const PROMPT = "(foldvm) ";

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
    const command = findCommand(name, COMMANDS);
    if (command.isRepeated === true) this.repeated = line;
    const answer = await command.run(this.target, operands);
    const stopped = await this.interrupted();
    // A question that was given up may have found something.
    return stopped === undefined || stopped === "" ? (answer ?? "") : stopped;
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
      return [namesOf(COMMANDS).filter((known) => known.startsWith(name)), name];
    }
    const word = /[^\s]*$/.exec(line)?.[0] ?? "";
    try {
      const words = findCommand(name, COMMANDS).complete?.(this.target, operands) ?? [];
      // reverse-stepi is one word of the help, and $pc-main two of an expression.
      return [[...words], words.every((known) => known.startsWith(word)) ? word : begunName(line)];
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
    return control.isPaused || control.hasEnded ? undefined : told(await control.pause(), this.target);
  }
}

/** `x/8xw` is `x /8xw`. */
const partsOf = (line: string): { name: string; operands: string } => {
  const [, name = "", operands = ""] = /^([^\s/]*)\s*(.*)$/s.exec(line.trim()) ?? [];
  return { name, operands };
};
