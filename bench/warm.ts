/**
 * `npm run bench:warm -- FILE`: what a process saves that ran a guest's code before. CPU of whole processes' parts, in
 * turn; medians.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { indexRecording, openRecording } from "../src/index.js";
import type { Machine } from "../src/machine/machine.js";
import type { MachineState } from "../src/machine/state.js";
import { replay } from "../src/streams/past/replayer.js";
import type { Recording } from "../src/streams/past/recording.js";
import { TYPESCRIPT } from "../scripts/typescript/node-words.js";
import { median } from "./statistics.js";

const USAGE = `usage: npm run bench:warm -- FILE [--runs N]
Replays a recording of 400 million instructions or more: twice in one process; and 200 million from its middle on,
in passing, after a restore where they ran before, and after a restore in a new process. Makes its state index.`;

const STRETCH_INSNS = 200_000_000;

/** What a child process measures, in ms of CPU. */
const PARTS = {
  /** The whole recording, by one machine after the other. */
  twice: (recording: Recording): readonly number[] =>
    [1, 2].map(() => {
      const machine = recording.openMachine();
      const ms = cpuOf(() => {
        replay(machine, recording.log);
      });
      machine.release();
      return ms;
    }),
  /** The stretch in passing, and from its first state on where it ran before. */
  again(recording: Recording): readonly number[] {
    const { position } = middleOf(recording);
    const machine = recording.openMachine();
    replay(machine, recording.log, position);
    const from = machine.state();
    const passing = stretch(recording, machine);
    machine.release();
    return [passing, afterRestore(recording, from)];
  },
  /** The same where nothing ran before. */
  fresh: (recording: Recording): readonly number[] => [afterRestore(recording, middleOf(recording))],
} as const;
type PartName = keyof typeof PARTS;

function afterRestore(recording: Recording, from: MachineState): number {
  let machine: Machine | undefined;
  const restoring = cpuOf(() => {
    machine = recording.openMachine(undefined, from);
  });
  return machine === undefined ? NaN : restoring + stretch(recording, machine);
}

const stretch = (recording: Recording, machine: Machine): number =>
  cpuOf(() => {
    replay(machine, recording.log, machine.position.icount + STRETCH_INSNS);
  });

/** The state of the index next before the middle. */
function middleOf(recording: Recording): MachineState {
  return recording.nearestTo(Math.floor(recording.info.instructions / 2));
}

function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const measured = (part: PartName, file: string): readonly number[] => {
  const words = [...TYPESCRIPT, fileURLToPath(import.meta.url), file, "--part", part];
  return JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" })) as readonly number[];
};

async function main(file: string, runs: number): Promise<void> {
  const recording = openRecording(file);
  const { instructions } = recording.info;
  if (instructions < 2 * STRETCH_INSNS) throw new Error(`${file} has ${String(instructions)} instructions: too few`);
  await indexRecording(recording);
  const rounds: number[][] = [];
  for (let round = 0; round < runs; round += 1) {
    rounds.push((["twice", "again", "fresh"] as const).flatMap((part) => measured(part, file)));
  }
  const [first, second, passing, again, fresh] = [0, 1, 2, 3, 4].map(
    (column) => median(rounds.map((row) => row[column] ?? NaN)) ?? NaN,
  );
  const line = (what: string, ms = NaN, beside = NaN, by = ""): void => {
    const ratio = Number.isNaN(beside) ? "" : `${(by === "/" ? beside / ms : ms / beside).toFixed(2)} x`;
    process.stdout.write(`${what.padEnd(54)}${ms.toFixed(0).padStart(7)} ms  ${ratio}\n`);
  };
  line("all of it, in a new process", first);
  line("once more in that process (the first / this)", second, first, "/");
  line("200 M instructions in passing", passing);
  line("after a restore, where they ran before (this / passing)", again, passing);
  line("after a restore, in a new process (this / passing)", fresh, passing);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string", default: "5" },
    part: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const [file] = positionals;
if (values.help || file === undefined) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 64;
} else if (values.part !== undefined) {
  const recording = openRecording(file);
  process.stdout.write(JSON.stringify(PARTS[values.part as PartName](recording)));
} else await main(file, Number(values.runs));
