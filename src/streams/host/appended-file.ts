/** A file that grows by whole pieces: what can't be written whole is taken back. */
import { closeSync, fsyncSync, ftruncateSync } from "node:fs";

import { LogError } from "../store/log/index.js";
import { writeAt } from "./write-at.js";

export interface AppendedFile {
  /** @throws {LogError} CANNOT_WRITE */
  write(bytes: Uint8Array): void;
  /** Once it is on the disk. @throws {LogError} CANNOT_WRITE */
  close(): void;
}

/** `file` is open for writing, and has so many bytes; `kept` says what a failure leaves of it. */
export function appendedFile(
  path: string,
  file: number,
  { byteLength, kept }: { readonly byteLength: number; readonly kept: string },
): AppendedFile {
  let length = byteLength;
  const cannotWrite = (cause: unknown): LogError =>
    new LogError("CANNOT_WRITE", `${path}: ${messageOf(cause)}; ${kept}`, { offset: length }, { cause });
  return {
    write(bytes) {
      try {
        writeAt(file, bytes, length);
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

/** A full disk cuts a piece in two. It may refuse even to shrink the file: whoever reads it finds where its last whole piece ends. */
const takeBack = (file: number, length: number): void => {
  attempt(() => {
    ftruncateSync(file, length);
  });
};

/** Some file systems find only now that the disk is full. A pipe or a device has nothing to bring there. */
function toDisk(file: number): void {
  try {
    fsyncSync(file);
  } catch (cause) {
    if (!HAS_NO_DISK.has((cause as NodeJS.ErrnoException).code ?? "")) throw cause;
  }
}

const HAS_NO_DISK = new Set(["EINVAL", "ENOTSUP", "ENOSYS"]);

/** What went wrong, if something did. */
export const attempt = (action: () => void): Error | undefined => {
  try {
    action();
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
};

export const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
