/** Saved states as files: written piece by piece, whole or not at all, and read from a file of their own or out of a recording. */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";

import type { MachineState } from "../../machine/state.js";
import { bytesSource, LogError, type ByteSource, type ImageDigest } from "../store/log/index.js";
import { describeState, encodeState, isSavedState, type SavedStateInfo } from "../store/saved-state/index.js";
import { messageOf } from "./appended-file.js";
import { fileSource } from "./file-source.js";
import { openLogFile } from "./log-file.js";
import { beginningOf } from "./file-kind.js";
import type { CarriedImages } from "./carried-image.js";

export interface FoundState {
  /** To be closed by who asked. */
  readonly source: ByteSource;
  readonly path: string;
  /** Images that its recording carries, until the source is closed. */
  readonly carried: CarriedImages;
}

/** `FILE`, or `FILE#NAME` for a snapshot in a recording. @throws {LogError} */
export function readState(place: string): FoundState {
  const [, path = place, name] = /^(.*)#([^#]+)$/.exec(place) ?? [];
  // A file may have such a name.
  if (name === undefined || existsSync(place)) return { source: fileSource(place), path: place, carried: new Map() };
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

/** What a file, or its bytes, say of themselves where they are a saved state; undefined: it is something else, or can't be read. */
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
 * Writes a state into a file, in memory of one of its sections; answers the file's bytes. With the digests of the images that its
 * machine was started from (`header.images`), `openSavedMachine` makes the machine again by itself.
 * @throws {LogError} RECORDING_EXISTS, unless it may be overwritten; CANNOT_WRITE
 */
export const saveStateFile = (
  path: string,
  state: MachineState,
  images?: readonly ImageDigest[],
  { overwrite = false }: { readonly overwrite?: boolean } = {},
): number => writeState(path, encodeState(state, images), overwrite);

/** Answers its bytes. @throws {LogError} RECORDING_EXISTS, unless it may be overwritten; CANNOT_WRITE */
export function writeState(path: string, pieces: Iterable<Uint8Array>, overwrite: boolean): number {
  requireFree(path, overwrite);
  // A device or a pipe is written to; in the place of a file, or of none, a new one appears once it is whole.
  const isDevice = statSync(path, { throwIfNoEntry: false })?.isFile() === false;
  const written = isDevice ? path : `${path}.part`;
  try {
    const byteLength = writePieces(written, pieces, isDevice);
    if (!isDevice) renameSync(written, path);
    return byteLength;
  } catch (cause) {
    if (!isDevice) rmSync(written, { force: true });
    if (!isOfHost(cause)) throw cause;
    throw new LogError("CANNOT_WRITE", `${path} can't be written: ${messageOf(cause)}`, {}, { cause });
  }
}

function writePieces(path: string, pieces: Iterable<Uint8Array>, isDevice: boolean): number {
  const file = openSync(path, "w");
  let byteLength = 0;
  try {
    for (const piece of pieces) {
      for (let at = 0; at < piece.length;) at += writeSync(file, piece, at);
      byteLength += piece.length;
    }
    if (!isDevice) fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return byteLength;
}

/** Before a long run: whether its state will have a place. @throws {LogError} */
export function requireFree(path: string, overwrite: boolean): void {
  if (overwrite || !existsSync(path)) return;
  throw new LogError("RECORDING_EXISTS", `${path} exists already; name another file, or overwrite it with --force`);
}

const isOfHost = (fault: unknown): boolean => fault instanceof Error && "syscall" in fault;
