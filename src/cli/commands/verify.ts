/** `foldvm verify`: replays a recording, and compares every state hash in it. */
import { divergenceOf } from "../../streams/session/fault.js";
import { playRecording, type PlaybackEnd } from "../../streams/session/playback.js";
import type { Stdio } from "../../streams/host/stdio.js";
import type { Recording } from "../../streams/past/recording.js";
import type { Arguments } from "../arguments.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { counted, speed } from "../figures.js";
import { RECORDING_OPTIONS, recordingOptions } from "../machine-arguments.js";
import { playbackOutcome, writeOutcome } from "../outcome.js";
import { progressMeter } from "../progress-meter.js";
import { defaultJobs, MAX_JOBS } from "../../streams/session/hunt/hunt-options.js";
import { isFolder, recordingsIn, RECORDING_SUFFIX } from "../../streams/session/verify/recordings-in.js";
import { requireRecordingsKept } from "../overwritten-input.js";
import { UsageError } from "../problems.js";
import { integer } from "../values.js";
import { STANDARD_STREAM } from "../standard-stream.js";
import { verifyAll, type ReportOptions } from "../verified-files.js";
import { fileOf, openOperand } from "../recording-operand.js";
import { sayWhereCut } from "../truncation.js";
import { hex64 } from "../../reducers/hex.js";

const OPTIONS = {
  json: {
    help: "the result as one JSON object, how it ended as the last line of standard error; of a folder, a line each",
  },
  quiet: { short: "q", help: "no progress" },
  junit: { value: "REPORT", file: "written", help: "a report for build servers, which is replaced" },
  jobs: { value: "N", help: `of a folder: how many at once, at most ${String(MAX_JOBS)} (the number of processors)` },
  ...RECORDING_OPTIONS,
} as const;

export const verify = command({
  name: "verify",
  operand: "FILE",
  summary: "Replays a recording, or all in a folder, and checks every event and state hash.",
  hasOutcome: true,
  options: OPTIONS,
  notes:
    `Prints OK, or where the replay diverges, with exit code ${String(EXIT.divergence)}. Of a folder, a line for each ` +
    `recording (*${RECORDING_SUFFIX}) in it,\nalso in its folders, and the exit code of the first that failed.\n`,
  read(args) {
    const jobs = jobsOf(args.get("jobs"));
    return async (stdio) => {
      const file = fileOf(args);
      const options = reportOptions(args, jobs);
      if (isFolder(file)) {
        const files = recordingsIn(file);
        requireRecordingsKept(args, files);
        return verifyAll(file, files, options, stdio);
      }
      if (args.has("jobs")) throw new UsageError("--jobs: name a folder of recordings");
      if (!args.has("junit")) return verifyFile(args, stdio);
      if (file === STANDARD_STREAM) throw new UsageError("--junit: name a file or a folder");
      requireRecordingsKept(args, [file]);
      return verifyAll(file, [file], options, stdio);
    };
  },
});

const OF_RECORDINGS = Object.keys(RECORDING_OPTIONS) as (keyof typeof RECORDING_OPTIONS)[];

/** @throws {UsageError} */
function jobsOf(text: string | undefined): number {
  if (text === undefined) return defaultJobs();
  const jobs = integer("--jobs", text);
  if (jobs < 1 || jobs > MAX_JOBS) throw new UsageError(`--jobs ${text}: give 1 to ${String(MAX_JOBS)}`);
  return jobs;
}

const reportOptions = (args: Arguments<typeof OPTIONS>, jobs: number): ReportOptions => ({
  jobs,
  isJson: args.has("json"),
  junit: args.get("junit"),
  words: OF_RECORDINGS.flatMap((name) => args.all(name).flatMap((value) => [`--${name}`, value])),
});

async function verifyFile(args: Arguments<typeof OPTIONS>, stdio: Stdio): Promise<number> {
  const recording = await openOperand(args, stdio, recordingOptions(args));
  sayWhereCut(recording, stdio);
  const meter = progressMeter(stdio, recording.info.instructions, args.has("quiet"));
  const json = (facts: object): string => `${JSON.stringify(facts, undefined, 2)}\n`;
  const file = fileOf(args);
  try {
    const end = await playRecording(recording, { progress: meter.show });
    meter.clear();
    stdio.stdout.write(args.has("json") ? json(resultJson(recording, end)) : resultLine(recording, end));
    const failure = isEmpty(recording, end) ? { code: EXIT.recording, message: NOTHING_LEFT } : {};
    const outcome = { ...playbackOutcome(file, recording, end), ...failure };
    if (args.has("json")) writeOutcome(stdio.stderr, outcome);
    return outcome.code;
  } catch (error) {
    meter.clear();
    const divergence = divergenceOf(error);
    if (divergence === undefined || !args.has("json")) throw error;
    const { seq, icount, field, expected, actual } = divergence;
    stdio.stdout.write(json({ ok: false, divergence: { seq, icount, field, expected, actual } }));
    throw error;
  }
}

/** Cut off before anything that could be checked. */
const isEmpty = ({ info }: Recording, { position }: PlaybackEnd): boolean =>
  !info.complete && position.icount === info.start.icount && position.seq === info.start.seq;

const NOTHING_LEFT = "CUT OFF before the first event: nothing of the run is left";

const resultLine = (recording: Recording, end: PlaybackEnd): string => {
  if (recording.info.complete) return `OK: ${figures(end)}`;
  return isEmpty(recording, end) ? `${NOTHING_LEFT}\n` : `CUT OFF, and OK up to there: ${figures(end)}`;
};

const figures = ({ position, insns, stateHash, checkedHashes, elapsedMs }: PlaybackEnd): string =>
  `${counted(position.icount, "instruction")}, ${counted(position.seq, "event")}, ` +
  `${counted(checkedHashes, "state hash agrees", "state hashes agree")}; ` +
  `state hash ${hex64(stateHash)}; ${speed(insns, elapsedMs)}\n`;

const resultJson = (recording: Recording, end: PlaybackEnd): object => {
  const { position, stateHash, checkedHashes, elapsedMs } = end;
  return {
    ok: !isEmpty(recording, end),
    complete: recording.info.complete,
    instructions: position.icount,
    events: position.seq,
    stateHashes: checkedHashes,
    stateHash: hex64(stateHash),
    seconds: Math.round(elapsedMs) / 1000,
  };
};
