/** Tells the kind of a file by its first bytes. */
import { closeSync, readSync } from "node:fs";

import { isElf } from "../../machine/elf.js";
import { readLinuxImageHeader } from "../../machine/linux-image.js";
import { isRecording } from "../store/log/index.js";
import { isSavedState } from "../store/saved-state/index.js";
import { openRegularFile } from "./regular-file.js";

export type FileKind = "elf" | "linuxImage" | "recording" | "savedState";

/** Returns undefined if the file is of another kind or can't be read. */
export function kindOfFile(path: string): FileKind | undefined {
  const bytes = beginningOf(path);
  if (isElf(bytes)) return "elf";
  if (readLinuxImageHeader(bytes) !== undefined) return "linuxImage";
  // A saved state begins with a recording's magic number and more, so it is checked first.
  if (isSavedState(bytes)) return "savedState";
  return isRecording(bytes) ? "recording" : undefined;
}

/**
 * Enough bytes for every kind. Fewer if the file is shorter, and none if it can't be read. Of a pipe nothing is taken:
 * whoever reads it next would miss that.
 */
export function beginningOf(path: string): Uint8Array {
  const bytes = new Uint8Array(BEGINNING_BYTES);
  try {
    const file = openRegularFile(path);
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
