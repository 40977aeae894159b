/** The recordings of a folder, and of those in it. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { fileSource } from "../../host/file-source.js";
import { LogError, readLogHeader, type ImageDigest } from "../../store/log/index.js";
import { FaultError } from "../fault-kind.js";

/** What a folder of recordings can't be. */
export class FolderError extends FaultError {
  override readonly name = "FolderError";
  readonly code = "NO_RECORDINGS";
  readonly fault = "file";
}

/** Links to folders are not followed: they may lead in a circle. */
function* filesIn(folder: string): Generator<string, void> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else yield path;
  }
}

/** What a recording's header names; of one that can't be read, nothing. */
export function imagesOf(path: string): readonly ImageDigest[] {
  try {
    const source = fileSource(path);
    try {
      return readLogHeader(source).images;
    } finally {
      source.close();
    }
  } catch (fault) {
    if (fault instanceof LogError) return [];
    throw fault;
  }
}

export const RECORDING_SUFFIX = ".fold";
/** A folder that has more is none of recordings. */
export const MAX_FOLDER_RECORDINGS = 10_000;

export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** By name, in the order of their letters' codes. @throws {FolderError} where there is none, or too many */
export function recordingsIn(folder: string): readonly string[] {
  const found = [...filesIn(folder)]
    .filter((path) => path.endsWith(RECORDING_SUFFIX) && !isFolder(path))
    .sort((a, b) => (a < b ? -1 : 1));
  if (found.length === 0) throw new FolderError(`${folder} has no recording (*${RECORDING_SUFFIX}) in it`);
  if (found.length > MAX_FOLDER_RECORDINGS) {
    const count = `${String(found.length)} recordings; at most ${String(MAX_FOLDER_RECORDINGS)} are verified`;
    throw new FolderError(`${folder} has ${count}: name a folder in it`);
  }
  return found;
}
