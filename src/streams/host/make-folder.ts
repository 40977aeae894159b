/** Makes a folder and those above it that are missing. */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { reasonOf } from "./reason.js";

/**
 * One at a time: `recursive` of Node.js never returns where the host says that nothing is there to make a folder in, as
 * below /proc. Throws an Error that names the folder that can't be made, and why.
 */
export function makeFolder(path: string, mode?: number): void {
  // The path itself is always tried: a file may be in its place. `dirname` ends at "/" or ".".
  const missing = [path];
  for (let folder = dirname(path); !existsSync(folder) && folder !== dirname(folder); folder = dirname(folder))
    missing.unshift(folder);
  for (const folder of missing) makeOne(folder, mode);
}

function makeOne(folder: string, mode: number | undefined): void {
  try {
    mkdirSync(folder, { mode });
  } catch (cause) {
    // It was there, or another process was faster.
    if (isFolder(folder)) return;
    throw new Error(`the folder ${folder} can't be made: ${reasonOf(cause)}`, { cause });
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
