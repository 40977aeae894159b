/** What a command is: a row of command-table.ts. */
import type { Stdio } from "../streams/host/stdio.js";
import type { Arguments, Options } from "./arguments.js";

/** Answers the exit code; what it throws becomes one line on standard error. */
export type Call = (stdio: Stdio) => Promise<number>;

export interface Command<O extends Options = Options> {
  readonly name: string;
  /** What follows the options, such as FILE; absent: nothing does. */
  readonly operand?: string;
  /** Another option may stand in its place: the command says itself what is missing. */
  readonly isOperandOptional?: true;
  /** What may follow that: how it is written, and how many words at most. */
  readonly more?: { readonly words: string; readonly most: number };
  readonly summary: string;
  readonly options: O;
  /** With --json, how it ended is the last line on standard error, also where it fails. */
  readonly hasOutcome?: true;
  /** Shown after the options, line by line. */
  readonly notes?: string;
  /** What the arguments ask for. Nothing runs yet. @throws {UsageError} with all that is wrong with them. */
  read(args: Arguments<O>): Call;
}

/** Checks a command's options against their use, and forgets them. */
export const command = <O extends Options>(definition: Command<O>): Command => definition;
