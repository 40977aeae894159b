/** What `diff` compares: recordings; or states, which are places in a recording or files of their own. */
import { kindOfFile } from "../streams/host/file-kind.js";
import { at } from "../streams/past/query/index.js";
import type { Recording } from "../streams/past/recording.js";
import type { Stateful } from "../streams/past/diff/index.js";
import { openRecording, type RecordingOptions } from "../streams/session/open-recording.js";
import { readState } from "../streams/host/state-file.js";
import { loadState } from "../streams/store/saved-state/index.js";
import { isPlace, type PlaceIn } from "../streams/session/place-words.js";
import { UsageError } from "./problems.js";
import { placeValue } from "./values.js";

/** A word of the command line. */
export interface ComparedOperand {
  readonly path: string;
  /** Undefined: all of it, if it is a recording. */
  readonly where: PlaceIn | undefined;
}

export interface Compared {
  readonly recording: Recording | undefined;
  /** Undefined: the whole recording is meant. */
  readonly state: Stateful | undefined;
}

/** `FILE`, or `FILE@WHERE`; `@WHERE` is a place in the first one's file. @throws {UsageError} */
export function comparedOperand(word: string, first?: ComparedOperand): ComparedOperand {
  const at = kindOfFile(word) === undefined ? placeBegins(word) : -1;
  if (at < 0) return { path: word, where: undefined };
  const file = at === 0 ? first?.path : word.slice(0, at);
  if (file === undefined) throw new UsageError(`${word}: of which recording? Write FILE${word}`);
  return { path: file, where: placeValue(word, word.slice(at + 1)) };
}

/** The first `@` with a place behind it, since a place may have one too; else with a file before it; or -1. */
function placeBegins(word: string): number {
  const found = [...word.matchAll(/@/g)].map(({ index }) => index);
  const isBehindFile = (at: number): boolean => kindOfFile(word.slice(0, at)) !== undefined;
  return found.find((at) => isPlace(word.slice(at + 1))) ?? found.find(isBehindFile) ?? -1;
}

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
  return { recording, state: at(recording, where(recording)) };
}

/** `FILE#NAME`. */
const isSnapshot = (path: string): boolean => kindOfFile(path) === undefined && path.includes("#");
