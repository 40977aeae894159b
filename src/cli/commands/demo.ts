/** `foldvm demo`, which is `npm start`: two races are hunted until they show, and then they show every time. */
import { hex64 } from "../../reducers/hex.js";
import { ownName } from "../../streams/host/own-command.js";
import type { Output } from "../../streams/host/stdio.js";
import { HARTS_RACE, huntRace, INTERRUPT_RACE, runPlain, type KeptRun, type Race } from "../../streams/session/demo.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { count, counted, likely } from "../figures.js";
import { proveSame } from "../race-proof.js";
import { integer } from "../values.js";

const DEFAULT_FOLDER = "recordings";
/** Of either race a run fails with a chance of about 15 %: so many passing ones are as good as impossible. */
const DEFAULT_RUNS = 100;
const PLAIN_RUNS = 3;

export const demo = command({
  name: "demo",
  summary: "Shows what this is for in a minute: hunts bugs that come and go, and replays them.",
  options: {
    folder: { value: "FOLDER", help: `where the recordings go (${DEFAULT_FOLDER})` },
    runs: { value: "N", help: `give up on a race after so many runs (${String(DEFAULT_RUNS)})` },
  },
  read(args) {
    const maxRuns = integer("--runs", args.get("runs") ?? String(DEFAULT_RUNS));
    return ({ stdout }) => show({ folder: args.get("folder") ?? DEFAULT_FOLDER, maxRuns, stdout });
  },
});

interface Stage {
  readonly folder: string;
  readonly maxRuns: number;
  readonly stdout: Output;
}

async function show(stage: Stage): Promise<number> {
  const { stdout } = stage;
  stdout.write(HARTS_INTRODUCTION);
  await showPlain(HARTS_RACE, stdout);
  stdout.write(HUNT_INTRODUCTION);
  const harts = await caught(HARTS_RACE, stage);
  if (typeof harts === "number") return harts;
  stdout.write(INTERRUPT_INTRODUCTION);
  const interrupt = await caught(INTERRUPT_RACE, stage);
  if (typeof interrupt === "number") return interrupt;
  stdout.write(whatNext(harts, interrupt));
  return EXIT.done;
}

const HARTS_INTRODUCTION = `1. Two harts without a lock

Two harts of a RISC-V computer make 40 deposits each into one balance. A deposit is lost if the other hart's turn comes
between reading the balance and writing it. foldvm's plain schedule has long turns, and is the same in every run:

`;

const HUNT_INTRODUCTION = `
A hunt records runs in which turns and clock deviate by chance, each with another seed:

`;

const INTERRUPT_INTRODUCTION = `
2. An interrupt at the wrong instant

A firmware receives 24 letters by interrupt. It has a bug that shows only if a letter arrives within the wrong
microsecond. A script types the same letters in each run; the hunt varies when they arrive:

`;

async function showPlain(race: Race, stdout: Output): Promise<void> {
  for (let number = 1; number <= PLAIN_RUNS; number++) {
    const { code, console, seconds, stateHash } = await runPlain(race);
    const verdict = verdictOf(race, console);
    stdout.write(runLine({ number, failed: code !== 0, seconds }, `${verdict}, state hash ${hex64(stateHash)}`));
  }
}

interface Caught {
  readonly failed: KeptRun;
  readonly passed: KeptRun;
}

/** Hunts, and proves that what failed fails again. Answers the exit code where the show is over. */
async function caught(race: Race, { folder, maxRuns, stdout }: Stage): Promise<Caught | number> {
  const { failed, passed, ...hunt } = await huntRace(race, {
    folder,
    maxRuns,
    ended(run) {
      stdout.write(runLine(run, verdictOf(race, run.console)));
    },
  });
  stdout.write(`\n${count(hunt.failures)} of ${counted(hunt.runs, "run")} failed, ${likely(hunt)}.\n`);
  if (failed === undefined || passed === undefined) {
    stdout.write("Chance has it so. Start again, or give more --runs.\n");
    return EXIT.textFailed;
  }
  const isSame = failed.verified !== false && (await proveSame(failed, stdout));
  if (!isSame) {
    stdout.write("\nThe replays differ: this is a fault in foldvm.\n");
    return EXIT.divergence;
  }
  stdout.write(`\nIt fails in every replay: ${verdictOf(race, failed.console)}\n`);
  stdout.write(`A run that passed, for contrast:  ${passed.file}\n`);
  return { failed, passed };
}

interface ToldRun {
  readonly number: number;
  readonly failed: boolean;
  readonly seconds: number;
}

const runLine = ({ number, failed, seconds }: ToldRun, verdict: string): string =>
  `  run ${String(number).padStart(2)}  ${failed ? "FAILED" : "passed"}  ${seconds.toFixed(2)} s  ${verdict}\n`;

const verdictOf = ({ verdict }: Race, console: string): string => verdict.exec(console)?.[0].trim() ?? "";

function whatNext(harts: Caught, interrupt: Caught): string {
  const name = ownName();
  const [race, { kernel }] = [harts.failed.file, INTERRUPT_RACE.machine()];
  return `
Try next:
  ${name} hunt ${wordsOf(HARTS_RACE)} --runs 20 --keep none
  ${name} hunt ${wordsOf(INTERRUPT_RACE)} --runs 20 --keep none
  ${name} schedule ${race}
  ${name} replay ${race}
  ${name} events ${interrupt.failed.file} --type 'uart16550/*' | head
  ${name} replay ${interrupt.passed.file}
  ${name} info ${interrupt.failed.file} --json
In the monitor (there:  run_until_text balance  and  info cpus):
  ${name} replay ${race} --monitor
And at the second guest itself (type help there; Ctrl-A X quits):
  ${name} run --bios none --kernel ${kernel}
`;
}

/** Of the command line that hunts it. */
function wordsOf({ machine, script }: Race): string {
  const { smp, bios, kernel, append } = machine();
  const words = { smp, bios, kernel, append, script: script?.() };
  return Object.entries(words)
    .flatMap(([option, value]) => (value === undefined ? [] : [`--${option} ${String(value)}`]))
    .join(" ");
}
