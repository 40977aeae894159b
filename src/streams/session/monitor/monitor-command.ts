/** What a command of the monitor is, and what the commands have in common. */
import { MonitorError } from "../target/monitor-error.js";
import type { MonitorTarget } from "../target/target.js";

export interface MonitorCommand {
  /** The first is the one that the help speaks of. Each may be cut short as long as it is one command's. */
  readonly names: readonly string[];
  readonly operands?: string;
  /** A line. */
  readonly help: string;
  /** What `help NAME` says beyond that. */
  readonly details?: string;
  /** On a terminal, an empty line is the same command again, as in gdb. */
  readonly isRepeated?: boolean;
  /** `operands`: the rest of the line, without blanks around it. */
  run(target: MonitorTarget, operands: string): string | undefined | Promise<string | undefined>;
  /** What the operands can become, for a line editor. */
  complete?(target: MonitorTarget, operands: string): readonly string[];
}

/** @throws {MonitorError} */
export function required(operands: string, what: string): string {
  if (operands === "") throw new MonitorError("MISSING_OPERAND", `${what} is missing`);
  return operands;
}

/** A text to print or type: as it stands, or in quotes with JSON's escapes. @throws {MonitorError} */
export function textOf(operands: string, what = "a text"): string {
  const text = required(operands, what);
  if (!text.startsWith('"')) return text;
  try {
    return JSON.parse(text) as string;
  } catch {
    throw new MonitorError("INVALID_TEXT", `${text} is not a text in quotes, such as "ls\\n"`);
  }
}

export const notHere = ({ mode }: MonitorTarget, remedy: string): MonitorError =>
  new MonitorError("NOT_HERE", `not in a ${mode}: ${remedy}`);
