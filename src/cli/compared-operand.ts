/** What `diff` compares: recordings; or states, which are places in a recording or files of their own. */
import { kindOfFile } from "../streams/host/file-kind.js";
import { at } from "../streams/past/query/index.js";
import type { Recording } from "../streams/past/recording.js";
import type { Stateful } from "../streams/past/diff/index.js";
import { openRecording, type RecordingOptions } from "../streams/session/open-recording.js";
import { readState } from "../streams/host/state-file.js";
import { loadState } from "../streams/store/saved-state/index.js";
import type { Until } from "../streams/past/until.js";
import { UsageError } from "./problems.js";
import { positionOf } from "./values.js";

/** A word of the command line. */
export interface ComparedOperand {
  readonly path: string;
  /** Undefined: all of it, if it is a recording. */
  readonly where: "end" | Until | undefined;
}

export interface Compared {
  readonly recording: Recording | undefined;
  /** Undefined: the whole recording is meant. */
  readonly state: Stateful | undefined;
}

/** `FILE`, or `FILE@WHERE`; `@WHERE` is a place in the first one's file. @throws {UsageError} */
export function comparedOperand(word: string, first?: ComparedOperand): ComparedOperand {
  const [, path = word, where] = kindOfFile(word) === undefined ? (PLACE.exec(word) ?? []) : [];
  if (where === undefined) return { path, where: undefined };
  const file = path === "" ? first?.path : path;
  if (file === undefined) throw new UsageError(`${word}: of which recording? Write FILE${word}`);
  return { path: file, where: where === "end" ? "end" : positionOf(word, where) };
}

const PLACE = /^(.*?)@((?:seq:)?\d[\d_,]*(?:@\d[\d_,]*)?|end)$/;

/** Throws as opening does. */
export function openCompared({ path, where }: ComparedOperand, options: RecordingOptions): Compared {
  if (where === undefined && (kindOfFile(path) === "savedState" || isSnapshot(path))) {
    // Without its machine: no image is needed.
    const { source } = readState(path);
    try {
      return { recording: undefined, state: loadState(source) };
    } finally {
      source.close();
    }
  }
  const recording = openRecording(path, options);
  if (where === undefined) return { recording, state: undefined };
  return { recording, state: at(recording, where === "end" ? undefined : where) };
}

/** `FILE#NAME`. */
const isSnapshot = (path: string): boolean => kindOfFile(path) === undefined && path.includes("#");
