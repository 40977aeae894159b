/** `--json`: how a command ended, for programs: one object, the last line on standard error. */
import { hex64 } from "../reducers/hex.js";
import type { Output } from "../streams/host/stdio.js";
import type { Recording } from "../streams/past/recording.js";
import type { RecordingInfo } from "../streams/past/recording-info.js";
import type { Position } from "../streams/session/position.js";
import type { PlaybackEnd } from "../streams/session/playback.js";
import { EXIT } from "./exit-codes.js";

export const OUTCOME_OPTION = {
  json: { help: "how it ended, as one JSON object on the last line of standard error" },
} as const;

export interface Outcome {
  /** How the machine ended, in the words of a recording; or `error`, `divergence`. */
  readonly cause: string;
  /** The command's exit code. */
  readonly code: number;
  /** Of the last position. */
  readonly instructions?: number;
  readonly seq?: number;
  /** In hexadecimal. */
  readonly stateHash?: string;
  /** The recording; null: there is none. */
  readonly file: string | null;
  readonly message?: string | undefined;
}

export function writeOutcome(stderr: Output, outcome: Outcome & Readonly<Record<string, unknown>>): void {
  stderr.write(`${JSON.stringify(outcome)}\n`);
}

/** Of a replay that came where it should. */
export const playbackOutcome = (
  file: string,
  { info }: Recording,
  { position, stateHash, checkedHashes, elapsedMs, isCutShort }: PlaybackEnd,
): Outcome & Readonly<Record<string, unknown>> => ({
  cause: isCutShort ? "outputClosed" : hasCome(position, info) ? (info.cause ?? "truncated") : "until",
  code: EXIT.done,
  instructions: position.icount,
  seq: position.seq,
  stateHash: hex64(stateHash),
  file,
  guestCode: hasCome(position, info) ? info.guestCode : null,
  stateHashes: checkedHashes,
  seconds: Math.round(elapsedMs) / 1000,
});

const hasCome = ({ seq, icount }: Position, { start, events, instructions }: RecordingInfo): boolean =>
  seq === start.seq + events && icount === instructions;
