/** A recording on a stream, such as standard output. Nothing that was written can be removed again. */
import { LogError } from "../store/log/log-error.js";
import type { LogSink } from "../store/log/log-sink.js";
import type { Output } from "./stdio.js";

export interface StreamSink extends LogSink {
  /** Resolves when the stream has taken everything. @throws {LogError} CANNOT_WRITE */
  drained(): Promise<void>;
}

/** `name` is for messages. Writing throws LogError CANNOT_WRITE after the stream has failed. */
export function streamSink(stream: Output, name: string): StreamSink {
  let fault: Error | undefined;
  const failed = (error: Error): void => {
    fault ??= error;
  };
  stream.on("error", failed);
  const requireSound = (): void => {
    if (fault === undefined) return;
    throw new LogError("CANNOT_WRITE", `${name} can't be written: ${fault.message}`, {}, { cause: fault });
  };
  return {
    write(bytes) {
      requireSound();
      stream.write(bytes);
    },
    close() {
      // The stream's owner closes it.
    },
    async drained() {
      await new Promise<void>((resolve) => {
        stream.write("", (error) => {
          if (error !== undefined && error !== null) failed(error);
          resolve();
        });
      });
      requireSound();
    },
  };
}
