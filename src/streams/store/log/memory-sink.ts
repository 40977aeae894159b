/** A recording in memory. */
import type { LogSink } from "./log-sink.js";

export const memorySink = (): LogSink & { bytes(): Uint8Array } => {
  const chunks: Uint8Array[] = [];
  return {
    write(bytes) {
      chunks.push(bytes);
    },
    close() {
      // Nothing to release: the bytes stay readable.
    },
    bytes: () => Uint8Array.from(Buffer.concat(chunks)),
  };
};
