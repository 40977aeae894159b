/** A replay as a test asks for it: whether the recording still holds, and whether it is what it should be. */
import { check } from "../../../options/check.js";
import { either, exactly, image, maybe, value, whole } from "../../../options/codecs.js";
import { aRecording } from "../../../options/parts.js";
import type { Position } from "../../../reducers/position.js";
import type { Recording } from "../../past/recording.js";
import { divergenceOf } from "../fault.js";
import { openRecording, type RecordingOptions } from "../open-recording.js";
import { playRecording } from "../playback.js";
import { ConsoleText } from "./console-text.js";

export interface ReplayAsked {
  /** What the guest ends with. */
  readonly code?: number | undefined;
  /** What it prints. */
  readonly text?: string | RegExp | undefined;
  /** How the recording ends, in its words: `guest-shutdown`, `guest-panic`, `stopped` and others. */
  readonly cause?: string | undefined;
}

/** What became of it. */
export interface ReplayReport {
  readonly ok: boolean;
  /** Line by line, what was asked for and what there was; where it diverged; what was printed last. */
  readonly message: string;
  readonly code: number | null;
  readonly cause: string | null;
  /** What the guest printed on all consoles: the last 64 Ki characters. */
  readonly text: string;
  /** Undefined: it diverged. */
  readonly position: Position | undefined;
}

/** A path, the bytes, or what `openRecording` returned. */
export type Replayable = string | Uint8Array | Recording;

const SOURCE = either("a path, a Uint8Array or a Recording", image, aRecording);
const ASKED = exactly<ReplayAsked>({
  code: maybe(whole),
  text: maybe(value("a text or a RegExp", (given) => typeof given === "string" || given instanceof RegExp)),
  cause: maybe(value("a text", (given) => typeof given === "string")),
});

/** Fails where the recording can't be replayed at all, as `openRecording` and a replay do; else it is a report. */
export async function replayReport(
  source: Replayable,
  asked: ReplayAsked = {},
  options: RecordingOptions = {},
): Promise<ReplayReport> {
  check("replayReport", exactly<{ readonly source: unknown }>({ source: SOURCE }), { source });
  check("replayReport", ASKED, asked);
  const isOpen = aRecording.is(source);
  const recording = isOpen ? (source as Recording) : openRecording(source, options);
  const name = typeof source === "string" ? source : "the recording";
  const printed = new ConsoleText(typeof asked.text === "string" ? asked.text : undefined);
  try {
    const { position } = await playRecording(recording, {
      heard: (bytes) => {
        printed.hear(bytes);
      },
    });
    return reportOf(name, recording, asked, printed, position);
  } catch (fault) {
    const divergence = divergenceOf(fault);
    if (divergence === undefined) throw fault;
    const message = [`${name} does not replay: ${divergence.message}`, ...printed.lastLines()].join("\n");
    return { ok: false, message, code: null, cause: null, text: printed.text, position: undefined };
  } finally {
    if (!isOpen) recording.close();
  }
}

function reportOf(
  name: string,
  { info }: Recording,
  asked: ReplayAsked,
  printed: ConsoleText,
  position: Position,
): ReplayReport {
  const { guestCode: code, cause } = info;
  const ended =
    code === null ? `the guest did not end (${cause ?? "the recording was cut off"})` : `it is ${String(code)}`;
  const problems = [
    ...(asked.code === undefined || asked.code === code ? [] : [`code: asked for ${String(asked.code)}; ${ended}`]),
    ...(asked.cause === undefined || asked.cause === cause
      ? []
      : [`cause: asked for ${asked.cause}; it is ${cause ?? "none: the recording was cut off"}`]),
    ...(asked.text === undefined || printed.has(asked.text) ? [] : [`text: ${shown(asked.text)} is not printed`]),
  ];
  const ok = problems.length === 0;
  const message = ok
    ? `${name} replays: ${String(position.icount)} instructions, ${ended}`
    : [`${name} replays, but not as asked`, ...problems.map((line) => `  ${line}`), ...printed.lastLines()].join("\n");
  return { ok, message, code, cause, text: printed.text, position };
}

const shown = (text: string | RegExp): string => (typeof text === "string" ? JSON.stringify(text) : String(text));
