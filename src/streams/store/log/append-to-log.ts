/** Adds snapshots to a recording that is closed: what it holds stays as it is, byte by byte. */
import { closeSync, fsyncSync, ftruncateSync, openSync } from "node:fs";

import { writeAt } from "../../host/write-at.js";
import { LogError } from "./log-error.js";
import type { Log } from "./reader.js";
import { SegmentChain } from "./segment-chain.js";
import { writeForgotten, writeSnapshot, type Snapshot } from "./snapshot-segments.js";
import type { LogSink } from "./log-sink.js";

export interface LogAppender {
  /** A snapshot of a name that is there already takes its place. */
  snapshot(snapshot: Snapshot): void;
  forget(name: string): void;
}

/** For the file that `log` was opened from. Throws LogError NOT_CLOSED for one that may still be recorded, or CANNOT_WRITE. */
export const appendToLog = (path: string, log: Log, add: (appender: LogAppender) => void): void => {
  if (log.end === undefined) {
    throw new LogError(
      "NOT_CLOSED",
      `${path} was cut off, or is still being recorded, so nothing is added to it; save the state to a file of its own (foldvm replay: --save)`,
    );
  }
  const sink = sinkAt(path, log.wholeBytes);
  const { last } = log;
  const chain = new SegmentChain(sink, last.version, last.headerChecksum);
  const place = { firstSeq: last.firstSeq + last.count, firstIcount: last.firstIcount };
  try {
    add({
      snapshot(snapshot) {
        writeSnapshot(chain, place, snapshot);
      },
      forget(name) {
        writeForgotten(chain, place, name);
      },
    });
  } finally {
    chain.close();
  }
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
