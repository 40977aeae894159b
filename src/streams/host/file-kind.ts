/** What a file is, by how it begins. */
import { closeSync, openSync, readSync } from "node:fs";

import { isElf } from "../../machine/elf.js";
import { readLinuxImageHeader } from "../../machine/linux-image.js";
import { isRecording } from "../store/log/index.js";
import { isSavedState } from "../store/saved-state/index.js";

export type FileKind = "elf" | "linuxImage" | "recording" | "savedState";

/** Undefined: it is something else, or can't be read. */
export function kindOfFile(path: string): FileKind | undefined {
  const bytes = beginningOf(path);
  if (isElf(bytes)) return "elf";
  if (readLinuxImageHeader(bytes) !== undefined) return "linuxImage";
  // A saved state begins with a recording's letters, and more.
  if (isSavedState(bytes)) return "savedState";
  return isRecording(bytes) ? "recording" : undefined;
}

/** Enough for every kind; fewer bytes where the file has no more, none where it can't be read. */
export function beginningOf(path: string): Uint8Array {
  const bytes = new Uint8Array(BEGINNING_BYTES);
  try {
    const file = openSync(path, "r");
    try {
      return bytes.subarray(0, readSync(file, bytes));
    } finally {
      closeSync(file);
    }
  } catch {
    return new Uint8Array(0);
  }
}

const BEGINNING_BYTES = 64;
