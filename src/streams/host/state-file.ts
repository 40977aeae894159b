/**
 * Saved states as files. They are written in pieces, whole or not at all, and read from their own file or from a
 * recording.
 */
import { check } from "../../options/check.js";
import { exactly, flag, maybe, text } from "../../options/codecs.js";
import { aState, imageDigests } from "../../options/parts.js";
import { existsSync } from "node:fs";

import type { MachineState } from "../../machine/state.js";
import { bytesSource, LogError, type ByteSource, type ImageDigest } from "../store/log/index.js";
import { describeState, encodeState, isSavedState, type SavedStateInfo } from "../store/saved-state/index.js";
import { fileSource } from "./file-source.js";
import { openLogFile } from "./log-file.js";
import { beginningOf, kindOfFile } from "./file-kind.js";
import { writePieces } from "./pieces-file.js";
import type { CarriedImages } from "./carried-image.js";

export interface FoundState {
  /** The caller must close it. */
  readonly source: ByteSource;
  readonly path: string;
  /** Images that the recording carries. They are readable until the source is closed. */
  readonly carried: CarriedImages;
}

/** `FILE`, or `FILE#NAME` for a snapshot in a recording. @throws {LogError} */
export function readState(place: string): FoundState {
  const { path, name } = parts(place);
  if (name === undefined) requireNoRecording(place);
  if (name === undefined) return { source: fileSource(place), path: place, carried: new Map() };
  const log = openLogFile(path);
  const close = (): void => {
    log.close();
  };
  try {
    return { source: { ...bytesSource(log.readSnapshot(name)), name: place, close }, path, carried: log.contents };
  } catch (fault) {
    close();
    throw fault;
  }
}

/** It has states, and none was named. */
function requireNoRecording(path: string): void {
  if (kindOfFile(path) !== "recording") return;
  const log = openLogFile(path);
  const [first, ...others] = log.snapshots.map(({ name }) => `${path}#${name}`);
  log.close();
  const listed = others.length === 0 ? "" : `; others are ${others.slice(0, LISTED).join(", ")}`;
  const left = others.length <= LISTED ? "" : ` and ${String(others.length - LISTED)} more`;
  throw new LogError(
    "NO_SUCH_SNAPSHOT",
    first === undefined
      ? `${path} is a recording, and has no snapshot to begin with: save one in it, and name it, as in ${path}#NAME`
      : `${path} is a recording; name a snapshot: ${first}${listed}${left}`,
  );
}

const LISTED = 9;

/** The file of a place as `readState` takes it. */
export const pathOfState = (place: string): string => parts(place).path;

/** A file's own name may contain `#`. */
function parts(place: string): { readonly path: string; readonly name: string | undefined } {
  const [, path = place, name] = existsSync(place) ? [] : (/^(.*)#([^#]+)$/.exec(place) ?? []);
  return { path, name };
}

/** The header of a saved state in a file or in bytes. Undefined if it is something else or can't be read. */
export function savedState(saved: string | Uint8Array): SavedStateInfo | undefined {
  if (typeof saved !== "string") return isSavedState(saved) ? describeState(saved) : undefined;
  if (!isSavedState(beginningOf(saved))) return undefined;
  const source = fileSource(saved);
  try {
    return describeState(source);
  } finally {
    source.close();
  }
}

/**
 * Writes a state into a file and returns the file's size in bytes. It holds one section at a time in memory. If
 * `header.images` has the digests of the machine's images, `openSavedMachine` needs nothing else to restore the
 * machine.
 * @throws {LogError} RECORDING_EXISTS if the file exists and may not be overwritten; CANNOT_WRITE
 */
export const saveStateFile = (
  path: string,
  state: MachineState,
  images?: readonly ImageDigest[],
  options: { readonly overwrite?: boolean } = {},
): number => {
  check("saveStateFile", SAVED, { path, state, images });
  check("saveStateFile", exactly<typeof options>({ overwrite: maybe(flag) }), options);
  return writePieces(path, encodeState(state, images), options.overwrite ?? false);
};

const SAVED = exactly<{ readonly path: string; readonly state: MachineState; readonly images: unknown }>({
  path: text,
  state: aState,
  images: maybe(imageDigests),
});
