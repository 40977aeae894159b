/** Where a recording is read from: a file, in pieces, or bytes in memory. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { LogError } from "./log-error.js";

export interface ByteSource {
  /** As it was when opened: a recording that still grows is read up to here. */
  readonly size: number;
  /** Exactly `length` bytes, which the caller may keep but not change; the range must lie within the size. */
  read(offset: number, length: number): Uint8Array;
  close(): void;
}

export const bytesSource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
  close() {
    // Nothing to release.
  },
});

/** Throws LogError CANNOT_READ, also from `read`. */
export const fileSource = (path: string): ByteSource => {
  const cannotRead = (reason: string, cause?: unknown): LogError =>
    new LogError("CANNOT_READ", `${path} can't be read: ${reason}`, {}, { cause });
  const attempt = <T>(action: () => T): T => {
    try {
      return action();
    } catch (cause) {
      throw cannotRead(cause instanceof Error ? cause.message : String(cause), cause);
    }
  };

  const file = attempt(() => openSync(path, "r"));
  const stats = attempt(() => fstatSync(file));
  if (!stats.isFile()) {
    closeSync(file);
    throw cannotRead("it is no regular file; a recording is read from a file, not from a pipe or a folder");
  }
  let isOpen = true;
  return {
    size: stats.size,
    read(offset, length) {
      if (!isOpen) throw new LogError("CLOSED", `${path} was closed; open it again`);
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const count = attempt(() => readSync(file, bytes, filled, length - filled, offset + filled));
        if (count === 0) throw cannotRead("it became shorter while it was read");
        filled += count;
      }
      return bytes;
    },
    close() {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
};
