/** Recordings as files: opened to be read, and to have snapshots added. */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync } from "node:fs";

import {
  appendToLog,
  LogError,
  openLog,
  type ByteSource,
  type Log,
  type LogAppender,
  type LogSink,
} from "../store/log/index.js";
import { writeAt } from "./write-at.js";

/** Throws LogError CANNOT_READ, and for damage of any kind; a torn tail is none. */
export const openLogFile = (path: string): Log => openLog(fileSource(path));

/** For the file that `log` was opened from. Throws LogError NOT_CLOSED for one that may still be recorded, or CANNOT_WRITE. */
export const appendToLogFile = (path: string, log: Log, add: (appender: LogAppender) => void): void => {
  if (log.end === undefined) {
    throw new LogError(
      "NOT_CLOSED",
      `${path} was cut off, or is still being recorded, so nothing is added to it; save the state to a file of its own (foldvm replay: --save)`,
    );
  }
  appendToLog(sinkAt(path, log.wholeBytes), log, add);
};

const fileSource = (path: string): ByteSource => {
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

/** What a crash left behind the last whole segment goes first. */
const sinkAt = (path: string, wholeBytes: number): LogSink => {
  const cannotWrite = (cause: unknown): LogError =>
    new LogError("CANNOT_WRITE", `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {}, { cause });
  let file: number;
  let length = wholeBytes;
  try {
    file = openSync(path, "r+");
    ftruncateSync(file, length);
  } catch (cause) {
    throw cannotWrite(cause);
  }
  return {
    write(bytes) {
      try {
        writeAt(file, bytes, length);
        length += bytes.length;
      } catch (cause) {
        ftruncateSync(file, length);
        throw cannotWrite(cause);
      }
    },
    close() {
      fsyncSync(file);
      closeSync(file);
    },
  };
};
