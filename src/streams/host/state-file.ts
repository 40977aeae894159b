/** Saved states as files: written whole or not at all, and read from a file of their own or out of a recording. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

import { LogError } from "../store/log/index.js";
import { openLogFile } from "./log-file.js";
import { beginningOf } from "./file-kind.js";
import { describeState, isSavedState, type SavedStateInfo } from "../store/saved-state/index.js";

/** `FILE`, or `FILE#NAME` for a snapshot in a recording. @throws {LogError} */
export function readState(source: string): { readonly bytes: Uint8Array; readonly path: string } {
  const [, path = source, name] = /^(.*)#([^#]+)$/.exec(source) ?? [];
  // A file may have such a name.
  if (name === undefined || existsSync(source)) return { bytes: readFile(source), path: source };
  const log = openLogFile(path);
  try {
    return { bytes: log.readSnapshot(name), path };
  } finally {
    log.close();
  }
}

/** What a file, or its bytes, say of themselves where they are a saved state; undefined: it is something else, or can't be read. */
export function savedState(source: string | Uint8Array): SavedStateInfo | undefined {
  if (typeof source !== "string") return isSavedState(source) ? describeState(source) : undefined;
  return isSavedState(beginningOf(source)) ? describeState(readFile(source)) : undefined;
}

/** @throws {LogError} RECORDING_EXISTS, unless it may be overwritten; CANNOT_WRITE */
export function writeState(path: string, bytes: Uint8Array, overwrite: boolean): void {
  requireFree(path, overwrite);
  const beside = `${path}.part`;
  try {
    writeFileSync(beside, bytes);
    renameSync(beside, path);
  } catch (cause) {
    rmSync(beside, { force: true });
    throw new LogError("CANNOT_WRITE", `${path} can't be written: ${messageOf(cause)}`, {}, { cause });
  }
}

/** Before a long run: whether its state will have a place. @throws {LogError} */
export function requireFree(path: string, overwrite: boolean): void {
  if (overwrite || !existsSync(path)) return;
  throw new LogError("RECORDING_EXISTS", `${path} exists already; name another file, or overwrite it with --force`);
}

function readFile(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw new LogError("CANNOT_READ", `${path} can't be read: ${messageOf(cause)}`, {}, { cause });
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
