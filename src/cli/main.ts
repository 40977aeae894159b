/** The foldvm command: finds its row of the table, and answers the shell. */
import { processStdio, type Stdio } from "../streams/host/stdio.js";
import { version } from "../streams/host/version.js";
import { parseArguments } from "./arguments.js";
import type { Call, Command } from "./command.js";
import { COMMAND_NAMES, commandOf, shownCommands } from "./command-table.js";
import { EXIT, exitCodeOf } from "./exit-codes.js";
import { showHashing } from "../streams/session/hashing-progress.js";
import { helpOf, overview } from "./help.js";
import { nearestOf } from "../options/nearest.js";
import { overwrittenInputs } from "./overwritten-input.js";
import { writeOutcome } from "./outcome.js";
import { writtenOutput } from "./written-output.js";
import { problemsOf, UsageError } from "./problems.js";

/** Answers the exit code; `argv` is without program and script. */
export async function main(argv: readonly string[], stdio: Stdio = processStdio): Promise<number> {
  const written = writtenOutput(stdio);
  const hashing = showHashing(stdio);
  const code = await answer(argv, stdio);
  hashing.unsubscribe();
  const [outputFault, errorFault] = await written.settle();
  // A command that has failed has said why.
  if (outputFault !== undefined && code !== EXIT.output) stdio.stderr.write(`foldvm: ${oneLine(outputFault)}\n`);
  if (outputFault !== undefined || (errorFault !== undefined && code === EXIT.done)) return EXIT.output;
  return code;
}

async function answer(argv: readonly string[], stdio: Stdio): Promise<number> {
  const [name, ...words] = argv;
  if (name === "--version" || name === "-V") {
    stdio.stdout.write(`foldvm ${version()}\n`);
    return EXIT.done;
  }
  if (name === undefined || name === "help" || isHelp(name)) return help(name, words, stdio);
  const command = await commandOf(name);
  if (command === undefined) {
    stdio.stderr.write(`foldvm: ${noCommand(name)}\n`);
    return EXIT.usage;
  }
  try {
    return await callOf(command, words)(stdio);
  } catch (error) {
    const said = await complaint(command, error);
    stdio.stderr.write(`foldvm: ${said.message}\n`);
    sayOutcome(command, words, stdio, said);
    return said.code;
  }
}

const isHelp = (word: string): boolean => word === "--help" || word === "-h" || word === "-help";

async function help(name: string | undefined, [topic]: readonly string[], { stdout, stderr }: Stdio): Promise<number> {
  const command = name === "help" && topic !== undefined ? await commandOf(topic) : undefined;
  if (command !== undefined) stdout.write(helpOf(command));
  else (name === undefined ? stderr : stdout).write(overview(await shownCommands()));
  return name === undefined ? EXIT.usage : EXIT.done;
}

function noCommand(name: string): string {
  const near = nearestOf(name, COMMAND_NAMES);
  return `there is no command ${name}; ${near === undefined ? `there are ${COMMAND_NAMES.join(", ")}` : `is ${near} meant?`}`;
}

/** @throws {UsageError} with all that is wrong with the words, and with what they say. */
function callOf(command: Command, words: readonly string[]): Call {
  const args = parsed(command, words);
  if (args.wantsHelp) {
    return (stdio) => {
      stdio.stdout.write(helpOf(command));
      return Promise.resolve(EXIT.done);
    };
  }
  const problems = [...args.problems, ...overwrittenInputs(args, command.operand)];
  let call: Call | undefined;
  try {
    call = command.read(args);
  } catch (error) {
    problems.push(...problemsOf(error));
  }
  if (call === undefined || problems.length > 0) throw new UsageError(...problems);
  return call;
}

const parsed = ({ options, operand, isOperandOptional, more }: Command, words: readonly string[]) =>
  parseArguments(words, options, isOperandOptional === true ? undefined : operand, more?.most);

interface Complaint {
  readonly code: number;
  readonly cause: string;
  readonly message: string;
  readonly divergence?: object;
}

async function complaint({ name }: Command, error: unknown): Promise<Complaint> {
  if (error instanceof UsageError) return { code: EXIT.usage, cause: "usage", message: listed(name, error.problems) };
  // It knows every kind of error, and so brings everything along that can fail.
  const { divergenceOf, faultOf } = await import("../streams/session/fault.js");
  const fault = faultOf(error);
  const { seq, icount, field, expected, actual } = divergenceOf(error) ?? {};
  const divergence = seq === undefined ? {} : { divergence: { seq, icount, field, expected, actual } };
  return {
    ...divergence,
    code: exitCodeOf(fault),
    cause: fault,
    message: fault === "internal" ? internal(error) : oneLine(error),
  };
}

/** One on its line, several each on one of its own. */
function listed(name: string, problems: readonly string[]): string {
  if (problems.length === 1) return `${name}: ${problems.join("")}`;
  const lines = problems.map((problem) => `\n  ${problem}`);
  return `${name}: the command line has ${String(problems.length)} problems:${lines.join("")}`;
}

/** For a program that waits for the last line of standard error. */
function sayOutcome(command: Command, words: readonly string[], { stderr }: Stdio, said: Complaint): void {
  const args = parsed(command, words);
  if (command.hasOutcome !== true || !args.has("json")) return;
  const file = args.get("output") ?? args.operands[0] ?? null;
  writeOutcome(stderr, { ...said, file });
}

const oneLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll("\n", " ");

/** Only a fault of ours shows where it was. */
const internal = (error: unknown): string =>
  `this is a fault in foldvm, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
