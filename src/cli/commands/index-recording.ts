/** `foldvm index`: keeps states of a recording, so that what is asked of it later begins close by. */
import { indexRecording, type IndexSummary } from "../../streams/past/index-recording.js";
import type { Recording } from "../../streams/past/recording.js";
import type { Signal, Stdio } from "../../streams/host/stdio.js";
import { DEFAULT_INDEX_BYTES } from "../../streams/store/state-index/index.js";
import { byteSize } from "../../options/byte-size.js";
import { command } from "../command.js";
import { EXIT, SIGNAL_CODES } from "../exit-codes.js";
import { bytes, counted, speed } from "../figures.js";
import { RECORDING_OPTIONS, recordingOptions } from "../machine-arguments.js";
import { UsageError } from "../problems.js";
import { progressMeter, type ProgressMeter } from "../progress-meter.js";
import { fileOf, openOperand } from "../recording-operand.js";
import { sayWhereCut } from "../truncation.js";

const INDEX_OPTION = {
  index: {
    value: "FILE",
    file: "written",
    help: "where (in the user's cache folder, by what is recorded); the commands that ask take it, too",
  },
} as const;

export const index = command({
  name: "index",
  operand: "FILE",
  summary: "Replays a recording once and keeps states on its way, from which questions go on.",
  options: {
    size: {
      value: "SIZE",
      help: `what they may take: MiB, or with K, M or G (${String(DEFAULT_INDEX_BYTES / 2 ** 20)}M)`,
    },
    force: { short: "f", help: "also where sound ones are there" },
    remove: { help: "remove them" },
    json: { help: "the result as one JSON object" },
    quiet: { short: "q", help: "say nothing" },
    ...RECORDING_OPTIONS,
    ...INDEX_OPTION,
  },
  notes:
    "Losing them loses nothing. What is damaged, old or of another recording is not used.\n" +
    "Example: foldvm index boot.fold && foldvm query boot.fold writes jiffies --last\n",
  read(args) {
    const maxBytes = sizeOf(args.get("size"));
    return async (stdio) => {
      const recording = await openOperand(args, stdio, { ...recordingOptions(args), onIndexIgnored: undefined });
      const say = (line: string, facts: object): void => {
        if (args.has("json")) stdio.stdout.write(`${JSON.stringify(facts)}\n`);
        else if (!args.has("quiet")) stdio.stdout.write(`${line}\n`);
      };
      if (args.has("remove")) {
        const path = recording.index.remove();
        say(path === undefined ? "there are none" : `removed ${path}`, { path: path ?? null });
        return EXIT.done;
      }
      if (!args.has("quiet")) sayWhereCut(recording, stdio);
      const meter = progressMeter(stdio, recording.info.instructions, args.has("quiet"));
      const startMs = performance.now();
      const made = await indexed(recording, stdio, meter, { maxBytes, force: args.has("force") });
      if (typeof made === "string") return SIGNAL_CODES[made];
      const { path, isNew, ...facts } = made;
      const what = `${counted(facts.states, "state")}, ${bytes(facts.bytes)}`;
      say(
        isNew
          ? `kept ${what} of ${fileOf(args)} in ${path}: ${speed(recording.info.instructions, performance.now() - startMs)}`
          : `${what} are in ${path} already; --force makes them anew`,
        { path, isNew, ...facts },
      );
      return EXIT.done;
    };
  },
});

/** What was made, or the signal that came first: then nothing is written. */
async function indexed(
  recording: Recording,
  { onSignal }: Stdio,
  { show, clear }: ProgressMeter,
  options: { readonly maxBytes: number | undefined; readonly force: boolean },
): Promise<IndexSummary | Signal> {
  const stop = new AbortController();
  let heard: Signal | undefined;
  const stopListening = onSignal((signal) => {
    heard = signal;
    stop.abort();
  });
  try {
    return await indexRecording(recording, { ...options, progress: show, signal: stop.signal });
  } catch (fault) {
    if (heard !== undefined) return heard;
    throw fault;
  } finally {
    stopListening();
    clear();
  }
}

function sizeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const size = byteSize(text);
  if (size === undefined || !Number.isSafeInteger(Math.floor(size)))
    throw new UsageError(`--size ${text}: give a number with K, M or G, such as 256M`);
  return Math.floor(size);
}
