/** A recording in memory. */
import { concatenated } from "../../../reducers/concatenated.js";
import { LogError } from "./log-error.js";
import type { LogSink } from "./log-sink.js";

/** @throws {LogError} CANNOT_WRITE, when it is written to, where it would have more bytes */
export const memorySink = (maxBytes = Infinity): LogSink & { bytes(): Uint8Array } => {
  const chunks: Uint8Array[] = [];
  let byteLength = 0;
  return {
    write(bytes) {
      byteLength += bytes.length;
      if (byteLength > maxBytes) {
        throw new LogError("CANNOT_WRITE", `a recording in memory has at most ${String(maxBytes)} bytes`);
      }
      chunks.push(bytes);
    },
    close() {
      // Nothing to release: the bytes stay readable.
    },
    bytes: () => concatenated(chunks),
  };
};
