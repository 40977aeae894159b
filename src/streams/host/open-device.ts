/** Opens what is no regular file to write to it: a pipe, a device. */
import { closeSync, constants, openSync } from "node:fs";

import { LogError } from "../store/log/index.js";

/**
 * A pipe that nobody reads would hold the process where no signal ends it. @throws {LogError} CANNOT_WRITE where that
 * is so, and the host's errors
 */
export function openDevice(path: string): number {
  let first: number;
  try {
    first = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENXIO") throw cause;
    throw new LogError("CANNOT_WRITE", `${path} is a pipe that nobody reads: begin its reader first`, {}, { cause });
  }
  try {
    // It has a reader, so this one does not wait; and its writes do, where the pipe is full.
    return openSync(path, "w");
  } finally {
    closeSync(first);
  }
}
