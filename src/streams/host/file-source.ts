/** Reads a file in pieces, at any place. */
import { closeSync, fstatSync, readSync } from "node:fs";

import { LogError, type ByteSource } from "../store/log/index.js";
import { openRegularFile } from "./regular-file.js";
import { reasonOf } from "./reason.js";

/** `fileSource` and `read` throw LogError CANNOT_READ. */
export const fileSource = (path: string): ByteSource => {
  const cannotRead = (reason: string, cause?: unknown): LogError =>
    new LogError("CANNOT_READ", `${path} can't be read: ${reason}`, {}, { cause });
  const reading = <T>(action: () => T): T => {
    try {
      return action();
    } catch (cause) {
      throw cannotRead(reasonOf(cause), cause);
    }
  };

  const file = reading(() => openRegularFile(path));
  const stats = reading(() => fstatSync(file));
  let isOpen = true;
  return {
    name: path,
    size: stats.size,
    read(offset, length) {
      if (!isOpen) throw new LogError("CLOSED", `${path} was closed; open it again`);
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const count = reading(() => readSync(file, bytes, filled, length - filled, offset + filled));
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
