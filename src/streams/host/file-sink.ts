/** A recording as a file: appended to, never rewritten, whole segments only. */
import { closeSync, fsyncSync, ftruncateSync, openSync } from "node:fs";

import { writeAt } from "./write-at.js";
import { LogError } from "../store/log/log-error.js";
import type { LogSink } from "../store/log/log-sink.js";

/**
 * Creates the file with the first segment, so that a machine that can't be recorded leaves no empty file behind. Writing throws LogError
 * RECORDING_EXISTS where there is a file already and `overwrite` is not set, and CANNOT_WRITE.
 */
export const fileSink = (path: string, { overwrite = false }: { readonly overwrite?: boolean } = {}): LogSink => {
  let opened: number | undefined;
  let length = 0;
  return {
    write(bytes) {
      const file = (opened ??= create(path, overwrite));
      try {
        writeAt(file, bytes, length);
        length += bytes.length;
      } catch (cause) {
        // A full disk cuts a segment in two: take its first part back, so that the file ends where a segment does.
        attempt(() => {
          ftruncateSync(file, length);
        });
        throw new LogError(
          "CANNOT_WRITE",
          `${path}: ${messageOf(cause)}; what was recorded before is kept in it, make room and record again`,
          { offset: length },
          { cause },
        );
      }
    },
    close() {
      const file = opened;
      if (file === undefined) return;
      attempt(() => {
        fsyncSync(file);
      });
      closeSync(file);
    },
  };
};

const create = (path: string, overwrite: boolean): number => {
  try {
    return openSync(path, overwrite ? "w" : "wx");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") {
      throw new LogError(
        "RECORDING_EXISTS",
        `${path} exists already; name another file, or ask for it to be overwritten (foldvm record: --force)`,
        {},
        { cause },
      );
    }
    throw new LogError("CANNOT_WRITE", `${path} can't be created: ${messageOf(cause)}`, {}, { cause });
  }
};

/** For what is worth trying and no reason to fail: a pipe has no fsync, a full disk may refuse even to shrink. */
const attempt = (action: () => void): void => {
  try {
    action();
  } catch {
    // The caller goes on without it.
  }
};

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
