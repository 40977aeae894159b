/** What a command is: a row of the table in main.ts. */
import type { Stdio } from "../streams/host/stdio.js";
import type { Arguments, Options } from "./arguments.js";

export interface Command<O extends Options = Options> {
  readonly name: string;
  /** What follows the options, such as FILE; absent: nothing does. */
  readonly operand?: string;
  readonly summary: string;
  readonly options: O;
  /** Shown after the options, line by line. */
  readonly notes?: string;
  /** Answers the exit code; what it throws becomes one line on standard error. */
  run(args: Arguments<O>, stdio: Stdio): Promise<number>;
}

/** Checks a command's options against their use, and forgets them. */
export const command = <O extends Options>(definition: Command<O>): Command => definition;
