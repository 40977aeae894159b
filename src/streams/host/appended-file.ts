/** A file that grows by whole pieces. A piece that can't be written whole is removed again. */
import { closeSync, fsyncSync, ftruncateSync } from "node:fs";

import { LogError } from "../store/log/index.js";
import { writeBehind } from "./write-at.js";
import { reasonOf } from "./reason.js";

export interface AppendedFile {
  /** @throws {LogError} CANNOT_WRITE */
  write(bytes: Uint8Array): void;
  /** Returns once everything is on the disk. @throws {LogError} CANNOT_WRITE */
  close(): void;
}

/** `file` is open for writing and has `byteLength` bytes. `kept` says what a failure leaves of it. */
export function appendedFile(
  path: string,
  file: number,
  { byteLength, kept }: { readonly byteLength: number; readonly kept: string },
): AppendedFile {
  let length = byteLength;
  const cannotWrite = (cause: unknown): LogError =>
    new LogError("CANNOT_WRITE", `${path}: ${reasonOf(cause)}; ${kept}`, { offset: length }, { cause });
  return {
    write(bytes) {
      try {
        writeBehind(file, bytes, length);
        length += bytes.length;
      } catch (cause) {
        takeBack(file, length);
        throw cannotWrite(cause);
      }
    },
    close() {
      const causes = [
        attempt(() => {
          toDisk(file);
        }),
        attempt(() => {
          closeSync(file);
        }),
      ];
      const cause = causes.find((one) => one !== undefined);
      if (cause !== undefined) throw cannotWrite(cause);
    },
  };
}

/**
 * A full disk cuts a piece in two, and may even refuse to shrink the file. In that case a reader finds the end of the
 * last whole piece.
 */
const takeBack = (file: number, length: number): void => {
  attempt(() => {
    ftruncateSync(file, length);
  });
};

/** Some file systems report a full disk only at this point. A pipe or a device has nothing to flush. */
function toDisk(file: number): void {
  try {
    fsyncSync(file);
  } catch (cause) {
    if (!HAS_NO_DISK.has((cause as NodeJS.ErrnoException).code ?? "")) throw cause;
  }
}

const HAS_NO_DISK = new Set(["EINVAL", "ENOTSUP", "ENOSYS"]);

/** Returns the error that the action throws, if any. */
export const attempt = (action: () => void): Error | undefined => {
  try {
    action();
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
};
