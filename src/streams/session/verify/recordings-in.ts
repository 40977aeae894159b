/** The recordings of a folder, and of those in it. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { FaultError } from "../fault-kind.js";

/** What a folder of recordings can't be. */
export class FolderError extends FaultError {
  override readonly name = "FolderError";
  readonly code = "NO_RECORDINGS";
  readonly fault = "file";
}

export const RECORDING_SUFFIX = ".fold";
/** A folder that has more is none of recordings. */
export const MAX_FOLDER_RECORDINGS = 10_000;

export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** By name, in the order of their letters' codes. @throws {FolderError} where there is none, or too many */
export function recordingsIn(folder: string): readonly string[] {
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(RECORDING_SUFFIX))
    .map((name) => join(folder, name))
    .filter((path) => !isFolder(path))
    .sort((a, b) => (a < b ? -1 : 1));
  if (found.length === 0) throw new FolderError(`${folder} has no recording (*${RECORDING_SUFFIX}) in it`);
  if (found.length > MAX_FOLDER_RECORDINGS) {
    const count = `${String(found.length)} recordings; at most ${String(MAX_FOLDER_RECORDINGS)} are verified`;
    throw new FolderError(`${folder} has ${count}: name a folder in it`);
  }
  return found;
}
