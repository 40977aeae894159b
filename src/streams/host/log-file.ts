/** Opens recordings in files, to read them or to add snapshots. */
import { closeSync, ftruncateSync, openSync, truncateSync } from "node:fs";

import { appendToLog, LogError, openLog, type Log, type LogAppender, type LogSink } from "../store/log/index.js";
import { appendedFile, attempt } from "./appended-file.js";
import { fileSource } from "./file-source.js";
import { reasonOf } from "./reason.js";

/** Throws LogError CANNOT_READ, and other codes for damage. A torn tail is not damage. */
export const openLogFile = (path: string): Log => openLog(fileSource(path));

/**
 * `log` must have been opened from this file. Throws LogError NOT_CLOSED if it may still be recording, and
 * CANNOT_WRITE.
 */
export const appendToLogFile = (path: string, log: Log, add: (appender: LogAppender) => void): void => {
  if (log.end === undefined) {
    throw new LogError(
      "NOT_CLOSED",
      `${path} was cut off, or is still being recorded, so nothing is added to it; save the state to a file of its own (foldvm replay: --save)`,
    );
  }
  const sink = sinkAt(path, log.wholeBytes);
  try {
    appendToLog(sink, log, add);
  } catch (fault) {
    // A snapshot is several segments: write all of them or none.
    attempt(() => {
      truncateSync(path, log.wholeBytes);
    });
    throw fault;
  }
};

/** First removes what a crash left after the last whole segment. */
const sinkAt = (path: string, wholeBytes: number): LogSink => {
  let file: number | undefined;
  try {
    file = openSync(path, "r+");
    ftruncateSync(file, wholeBytes);
  } catch (cause) {
    if (file !== undefined) closeSync(file);
    throw new LogError("CANNOT_WRITE", `${path}: ${reasonOf(cause)}; it is as it was`, {}, { cause });
  }
  return appendedFile(path, file, { byteLength: wholeBytes, kept: "it is as it was; make room" });
};
