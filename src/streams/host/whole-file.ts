/** A file that is written whole or not at all: it grows beside its place, and is renamed once it is complete. */
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";

import { LogError } from "../store/log/index.js";
import { openDevice } from "./open-device.js";

/**
 * Calls `write` with an open file. If it throws, what was at `path` before is still there. A device or a pipe is
 * written to directly. Throws LogError RECORDING_EXISTS if a file is there that may not be overwritten; what `write`
 * throws; and the host's own errors.
 */
export function writeWhole<T>(path: string, overwrite: boolean, write: (file: number) => T): T {
  const whole = openWhole(path, overwrite);
  try {
    const result = write(whole.file);
    whole.keep();
    return result;
  } catch (fault) {
    whole.discard();
    throw fault;
  }
}

/** For who writes in several turns: it is kept or discarded once. */
export interface WholeFile {
  readonly file: number;
  keep(): void;
  discard(): void;
}

/** Throws as `writeWhole` does. */
export function openWhole(path: string, overwrite: boolean): WholeFile {
  requireFree(path, overwrite);
  if (isDevice(path)) return deviceFile(path);
  // A symbolic link stays one: the file that it leads to is replaced.
  const place = existsSync(path) ? realpathSync(path) : path;
  // A process that was killed may have left one behind, and in containers many have the same number.
  const part = `${place}.${String(process.pid)}-${randomBytes(4).toString("hex")}.part`;
  const file = openSync(part, "wx");
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(file);
    isOpen = false;
  };
  return {
    file,
    keep() {
      fsyncSync(file);
      close();
      requireFree(path, overwrite);
      renameSync(part, place);
    },
    discard() {
      close();
      rmSync(part, { force: true });
    },
  };
}

/** For use before a long run: checks that a file may be written there. @throws {LogError} RECORDING_EXISTS */
export function requireFree(path: string, overwrite: boolean): void {
  if (overwrite || !existsSync(path) || isDevice(path)) return;
  throw new LogError(
    "RECORDING_EXISTS",
    `${path} exists already; name another file, or have it overwritten (--force; in a program, overwrite: true)`,
  );
}

/** There is nothing in it that could be overwritten: a device, a pipe or a socket. */
export function isDevice(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

function deviceFile(path: string): WholeFile {
  const file = openDevice(path);
  const close = (): void => {
    closeSync(file);
  };
  return { file, keep: close, discard: close };
}
