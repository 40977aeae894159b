/** The foldvm command: finds the row of the table, and answers the shell. */
import { faultOf } from "../streams/session/fault.js";
import { processStdio, type Stdio } from "../streams/host/stdio.js";
import { version } from "../streams/host/version.js";
import { parseArguments, UsageError } from "./arguments.js";
import type { Command } from "./command.js";
import { demo } from "./commands/demo.js";
import { events } from "./commands/events.js";
import { exportDisk } from "./commands/export-disk.js";
import { info } from "./commands/info.js";
import { profile } from "./commands/profile.js";
import { record } from "./commands/record.js";
import { replay } from "./commands/replay.js";
import { run } from "./commands/run.js";
import { snapshots } from "./commands/snapshots.js";
import { verify } from "./commands/verify.js";
import { EXIT, exitCodeOf } from "./exit-codes.js";
import { showHashing } from "../streams/session/hashing-progress.js";
import { helpOf, overview } from "./help.js";
import { writtenOutput } from "./written-output.js";

const COMMANDS: readonly Command[] = [run, record, replay, info, snapshots, events, verify, profile, exportDisk, demo];

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
  const say = (line: string): void => {
    stdio.stderr.write(`foldvm: ${line}\n`);
  };
  if (name === "--version" || name === "-V") {
    stdio.stdout.write(`foldvm ${version()}\n`);
    return EXIT.done;
  }
  const isHelp = (word: string): boolean => word === "--help" || word === "-h" || word === "-help";
  if (name === undefined || name === "help" || isHelp(name)) {
    (name === undefined ? stdio.stderr : stdio.stdout).write(overview(COMMANDS));
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) {
    say(`there is no command ${name}; there are ${COMMANDS.map((known) => known.name).join(", ")}`);
    return EXIT.usage;
  }
  if (words.some(isHelp)) {
    stdio.stdout.write(helpOf(command));
    return EXIT.done;
  }
  try {
    return await command.run(parseArguments(words, command.options, command.operand), stdio);
  } catch (error) {
    if (error instanceof UsageError) {
      say(`${command.name}: ${error.message}`);
      return EXIT.usage;
    }
    const fault = faultOf(error);
    say(fault === "internal" ? internal(error) : oneLine(error));
    return exitCodeOf(fault);
  }
}

const oneLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll("\n", " ");

/** Only a fault of ours shows where it was. */
const internal = (error: unknown): string =>
  `this is a fault in foldvm, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
