/** Adds snapshots to a recording that is closed: what it holds stays as it is, byte by byte. */
import type { LogSink } from "./log-sink.js";
import type { Log } from "./reader.js";
import { SegmentChain } from "./segment-chain.js";
import { writeForgotten, writeSnapshot, type Snapshot } from "./snapshot-segments.js";

export interface LogAppender {
  /** A snapshot of a name that is there already takes its place. */
  snapshot(snapshot: Snapshot): void;
  forget(name: string): void;
}

/** `sink` continues the recording at `log.wholeBytes`; it is closed in any case. */
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
