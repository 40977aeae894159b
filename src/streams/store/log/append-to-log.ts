/** Adds snapshots to a closed recording. Its existing bytes never change. */
import type { LogSink } from "./log-sink.js";
import type { Log } from "./reader.js";
import { SegmentChain } from "./segment-chain.js";
import { writeForgotten, writeSnapshot, type Snapshot } from "./snapshot-segments.js";

export interface LogAppender {
  /** Replaces an existing snapshot of the same name. */
  snapshot(snapshot: Snapshot): void;
  forget(name: string): void;
}

/** `sink` continues the recording at `log.wholeBytes`. It is always closed, even after an error. */
export const appendToLog = (sink: LogSink, log: Log, add: (appender: LogAppender) => void): void => {
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
