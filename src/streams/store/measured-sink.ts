/** A sink that knows how much went into it. */
import type { LogSink } from "./log/index.js";

export interface MeasuredSink extends LogSink {
  readonly byteCount: number;
}

export const measured = (sink: LogSink): MeasuredSink => {
  let byteCount = 0;
  return {
    get byteCount() {
      return byteCount;
    },
    write(bytes) {
      sink.write(bytes);
      byteCount += bytes.length;
    },
    close() {
      sink.close();
    },
  };
};
