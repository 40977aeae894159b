/** `foldvm demo`, which is `npm start`: a race is recorded until it shows, and then it shows every time. */
import { demoGuest, recordRaces, type RaceRun } from "../../streams/session/demo.js";
import { ownName, ownProcess } from "../../streams/host/own-command.js";
import { playRecording } from "../../streams/session/playback.js";
import { type Recording } from "../../streams/past/recording.js";
import { openRecording } from "../../streams/session/open-recording.js";
import type { RecordingInfo } from "../../streams/past/recording-info.js";
import type { Output } from "../../streams/host/stdio.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { bytes, count, counted, speed } from "../figures.js";
import { integer } from "../values.js";
import { hex64 } from "../../reducers/hex.js";

const DEFAULT_FOLDER = "recordings";
/** A run fails with a chance of about 22 %: so many passing ones are as good as impossible. */
const DEFAULT_RUNS = 60;
const REPLAYS = 5;

export const demo = command({
  name: "demo",
  summary: "Shows what this is for in a minute: records a bug that comes and goes, and replays it.",
  options: {
    folder: { value: "FOLDER", help: `where the recordings go (${DEFAULT_FOLDER})` },
    runs: { value: "N", help: `give up after so many runs (${String(DEFAULT_RUNS)})` },
  },
  read(args) {
    const maxRuns = integer("--runs", args.get("runs") ?? String(DEFAULT_RUNS));
    return ({ stdout }) => show(args.get("folder") ?? DEFAULT_FOLDER, maxRuns, stdout);
  },
});

async function show(folder: string, maxRuns: number, stdout: Output): Promise<number> {
  stdout.write(INTRODUCTION);
  const counts = { passed: 0, failed: 0 };
  const { failed, passed } = await recordRaces({
    folder,
    maxRuns,
    ended: (race) => {
      counts[race.code === 0 ? "passed" : "failed"] += 1;
      stdout.write(runLine(counts.passed + counts.failed, race));
    },
  });
  if (failed === undefined || passed === undefined) {
    stdout.write(
      `\nOf ${count(maxRuns)} runs ${count(counts.failed)} failed: chance has it so. Start again, or give more --runs.\n`,
    );
    return EXIT.textFailed;
  }
  stdout.write(
    `\n${count(counts.failed)} of ${count(counts.passed + counts.failed)} runs failed. The same program, the same letters; `,
  );
  stdout.write("only the instants differ at which they came.\n");
  const isSame = await proof(failed, stdout);
  contrast(passed, stdout);
  stdout.write(whatNext(failed, passed));
  return isSame ? EXIT.done : EXIT.divergence;
}

const INTRODUCTION = `A RISC-V computer runs a small firmware that receives 24 letters by interrupt. It has a bug that shows
only if a letter arrives within the wrong microsecond. Each run is recorded; the letters come at random times.

`;

const runLine = (number: number, { code, console, elapsedMs }: RaceRun): string =>
  `  run ${String(number).padStart(2)}  ${code === 0 ? "passed" : "FAILED"}  ${(elapsedMs / 1000).toFixed(2)} s  ${verdictOf(console)}\n`;

const verdictOf = (console: string): string => /^(?:PASS|FAIL).*$/m.exec(console)?.[0].trim() ?? "";

/** Replays in this process and in another; answers whether all was the same. */
async function proof(failed: RaceRun, stdout: Output): Promise<boolean> {
  const recording = openRecording(failed.path);
  const { info } = recording;
  stdout.write(`\nThe failing run, recorded:  ${failed.path}\n`);
  stdout.write(
    `  ${counted(info.instructions, "instruction")}, ${counted(info.events, "event")}, in ${bytes(info.bytes)}\n`,
  );
  stdout.write(`  state hash ${String(info.stateHash)}  recorded\n`);
  let isSame = true;
  const compare = (hash: string, how: string, console = failed.console): void => {
    const isEqual = hash === info.stateHash && console === failed.console;
    isSame &&= isEqual;
    stdout.write(`             ${hash}  ${how}${isEqual ? "" : "  DIFFERS"}\n`);
  };
  for (let number = 1; number <= REPLAYS; number++) {
    const { hash, took, console } = await replayed(recording, info);
    compare(hash, `replay ${String(number)}: ${took}`, console);
  }
  const { code, stdout: json, stderr } = await ownProcess(["verify", failed.path, "--json"]);
  if (code === EXIT.done) {
    const { stateHash, stateHashes } = JSON.parse(json) as { stateHash: string; stateHashes: number };
    compare(stateHash, `verify in a fresh process: ${hashesAgree(stateHashes)}`);
  } else {
    isSame = false;
    stdout.write(`             ${"".padEnd(16)}  verify in a fresh process FAILED: ${(stderr || json).trim()}\n`);
  }
  stdout.write(
    isSame
      ? `\nIt fails in every replay: ${verdictOf(failed.console)}\n`
      : "\nThe replays differ: this is a fault in foldvm.\n",
  );
  return isSame;
}

interface Replayed {
  readonly hash: string;
  readonly took: string;
  readonly console: string;
}

async function replayed(recording: Recording, { instructions }: RecordingInfo): Promise<Replayed> {
  let console = "";
  const heard = (bytes: Uint8Array): void => {
    console += latin1(bytes);
  };
  const { stateHash, elapsedMs } = await playRecording(recording, { heard });
  return { hash: hex64(stateHash), took: speed(instructions, elapsedMs), console };
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

const hashesAgree = (hashes: number): string =>
  hashes === 1 ? "1 state hash on the way agrees, too" : `${count(hashes)} state hashes on the way agree, too`;

function contrast(passed: RaceRun, stdout: Output): void {
  const { info } = openRecording(passed.path);
  stdout.write(`A run that passed, for contrast:  ${passed.path}, state hash ${String(info.stateHash)}\n`);
}

function whatNext(failed: RaceRun, passed: RaceRun): string {
  const name = ownName();
  return `
Try next:
  ${name} replay ${failed.path}
  ${name} replay ${failed.path} --until 20000000
  ${name} events ${failed.path} --type 'uart16550/*' | head
  ${name} replay ${passed.path}
  ${name} info ${failed.path} --json
And at the guest itself (type help there; Ctrl-A X quits):
  ${name} run --bios none --kernel ${demoGuest()}
`;
}
