/** `foldvm verify`: replays a recording, and compares every state hash in it. */
import { divergenceOf } from "../../streams/session/fault.js";
import { playRecording, type PlaybackEnd } from "../../streams/session/playback.js";
import type { Recording } from "../../streams/past/recording.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { counted, speed } from "../figures.js";
import { RECORDING_OPTIONS, recordingOptions } from "../machine-arguments.js";
import { playbackOutcome, writeOutcome } from "../outcome.js";
import { progressMeter } from "../progress-meter.js";
import { fileOf, openOperand } from "../recording-operand.js";
import { sayWhereCut } from "../truncation.js";
import { hex64 } from "../../reducers/hex.js";

export const verify = command({
  name: "verify",
  operand: "FILE",
  summary: "Replays a recording and checks every event and state hash in it.",
  hasOutcome: true,
  options: {
    json: { help: "the result as one JSON object, and how it ended as the last line of standard error" },
    quiet: { short: "q", help: "no progress" },
    ...RECORDING_OPTIONS,
  },
  notes: `Prints OK, or where the replay diverges, with exit code ${String(EXIT.divergence)}.\n`,
  read: (args) => async (stdio) => {
    const recording = await openOperand(args, stdio, recordingOptions(args));
    sayWhereCut(recording, stdio);
    const meter = progressMeter(stdio, recording.info.instructions, args.has("quiet"));
    const json = (facts: object): string => `${JSON.stringify(facts, undefined, 2)}\n`;
    const file = fileOf(args);
    try {
      const end = await playRecording(recording, { progress: meter.show });
      meter.clear();
      stdio.stdout.write(args.has("json") ? json(resultJson(recording, end)) : resultLine(recording, end));
      if (args.has("json")) writeOutcome(stdio.stderr, playbackOutcome(file, recording, end));
      return isEmpty(recording, end) ? EXIT.recording : EXIT.done;
    } catch (error) {
      meter.clear();
      const divergence = divergenceOf(error);
      if (divergence === undefined || !args.has("json")) throw error;
      const { seq, icount, field, expected, actual } = divergence;
      stdio.stdout.write(json({ ok: false, divergence: { seq, icount, field, expected, actual } }));
      throw error;
    }
  },
});

/** Cut off before anything that could be checked. */
const isEmpty = ({ info }: Recording, { position }: PlaybackEnd): boolean =>
  !info.complete && position.icount === info.start.icount && position.seq === info.start.seq;

const resultLine = (recording: Recording, end: PlaybackEnd): string => {
  if (recording.info.complete) return `OK: ${figures(end)}`;
  return isEmpty(recording, end)
    ? "CUT OFF before the first event: nothing of the run is left\n"
    : `CUT OFF, and OK up to there: ${figures(end)}`;
};

const figures = ({ position, stateHash, checkedHashes, elapsedMs }: PlaybackEnd): string =>
  `${counted(position.icount, "instruction")}, ${counted(position.seq, "event")}, ` +
  `${counted(checkedHashes, "state hash agrees", "state hashes agree")}; ` +
  `state hash ${hex64(stateHash)}; ${speed(position.icount, elapsedMs)}\n`;

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
