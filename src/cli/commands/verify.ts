/** `foldvm verify`: replays a recording, and compares every state hash in it. */
import { divergenceOf, faultOf } from "../../streams/session/fault.js";
import { playRecording, type PlaybackEnd } from "../../streams/session/playback.js";
import { type Recording } from "../../streams/past/recording.js";
import { openRecording } from "../../streams/session/open-recording.js";
import type { Stdio } from "../../streams/host/stdio.js";
import { command } from "../command.js";
import { EXIT, exitCodeOf } from "../exit-codes.js";
import { count, speed } from "../figures.js";
import { RECORDING_OPTIONS, recordingOptions } from "../machine-arguments.js";
import { sayWhereCut } from "../truncation.js";
import { hex64 } from "../../reducers/hex.js";

export const verify = command({
  name: "verify",
  operand: "FILE",
  summary: "Replays a recording and checks every event and state hash in it.",
  options: {
    json: { help: "the result as one JSON object" },
    quiet: { short: "q", help: "no progress" },
    ...RECORDING_OPTIONS,
  },
  notes: `Prints OK, or where the replay diverges, with exit code ${String(EXIT.divergence)}.\n`,
  async run(args, stdio) {
    const recording = openRecording(args.operands[0] ?? "", recordingOptions(args));
    sayWhereCut(recording, stdio);
    const { instructions } = recording.info;
    const meter = args.has("quiet") ? undefined : progressMeter(stdio, instructions);
    try {
      const end = await playRecording(recording, { progress: meter?.show });
      meter?.clear();
      stdio.stdout.write(args.has("json") ? `${JSON.stringify(okJson(recording, end), undefined, 2)}\n` : okLine(end));
      return EXIT.done;
    } catch (error) {
      meter?.clear();
      const divergence = divergenceOf(error);
      if (divergence === undefined || !args.has("json")) throw error;
      const { seq, icount, field, expected, actual } = divergence;
      stdio.stdout.write(
        `${JSON.stringify({ ok: false, divergence: { seq, icount, field, expected, actual } }, undefined, 2)}\n`,
      );
      return exitCodeOf(faultOf(error));
    }
  },
});

const okLine = ({ position, stateHash, checkedHashes, elapsedMs }: PlaybackEnd): string =>
  `OK: ${count(position.icount)} instructions, ${count(position.seq)} events, ${count(checkedHashes)} state hashes agree; ` +
  `state hash ${hex64(stateHash)}; ${speed(position.icount, elapsedMs)}\n`;

const okJson = ({ info }: Recording, { position, stateHash, checkedHashes, elapsedMs }: PlaybackEnd): object => ({
  ok: true,
  complete: info.complete,
  instructions: position.icount,
  events: position.seq,
  stateHashes: checkedHashes,
  stateHash: hex64(stateHash),
  seconds: Math.round(elapsedMs) / 1000,
});

interface Meter {
  readonly show: (position: { readonly icount: number }) => void;
  readonly clear: () => void;
}

const LINE_EVERY_MS = 2000;

/** One line that changes on a terminal; elsewhere a line now and then. */
function progressMeter({ stderr }: Stdio, instructions: number): Meter {
  let lineMs = performance.now();
  const isTerminal = stderr.isTTY === true;
  return {
    show({ icount }) {
      const line = `foldvm: ${((100 * icount) / Math.max(instructions, 1)).toFixed(0)} % of ${count(instructions)} instructions`;
      if (isTerminal) stderr.write(`\r${line}`);
      else if (performance.now() - lineMs >= LINE_EVERY_MS) {
        lineMs = performance.now();
        stderr.write(`${line}\n`);
      }
    },
    clear() {
      if (isTerminal) stderr.write("\r\x1b[K");
    },
  };
}
