/**
 * Writes console output to a byte stream. The guest prints single bytes. They are collected and written once per turn
 * of the host.
 */
import { outputError, type OutputError } from "../output-error.js";
import type { Output } from "../stdio.js";

export interface ConsoleOutput {
  write(bytes: Uint8Array): void;
  /** Writes the collected bytes. */
  flush(): void;
  /** What was written does not end with a whole line, and nobody else ended it. */
  readonly isMidLine: boolean;
  /** Flushes and ends a line that was begun, so that what another writes to the stream has lines of its own. */
  startLine(): void;
  /** Another ended the line: a terminal has echoed Enter. */
  lineEnded(): void;
  /** Flushes, and waits until the stream has taken everything. */
  end(): Promise<void>;
}

const MAX_PIECE_BYTES = 1 << 16;
const LINE_FEED = 0x0a;

/**
 * `onClosed` is called once: when the reader closes the stream, or with an error if it can't be written. Later output
 * is dropped.
 */
export const stdioOutput = (
  stream: Output,
  onClosed: (fault: OutputError | undefined) => void = () => undefined,
): ConsoleOutput => {
  const piece = Buffer.alloc(MAX_PIECE_BYTES);
  let length = 0;
  let scheduled: NodeJS.Immediate | undefined;
  let isClosed = false;
  let isMidLine = false;

  const close = (cause: unknown): void => {
    if (isClosed) return;
    isClosed = true;
    onClosed(outputError("standard output", cause));
  };
  // A reader that closes the stream (EPIPE) is not the guest's fault. Without a listener, the error would end the
  // process.
  stream.on("error", close);

  const flush = (): void => {
    if (scheduled !== undefined) clearImmediate(scheduled);
    scheduled = undefined;
    // A copy, because the stream may keep it for later.
    if (length > 0 && !isClosed) stream.write(Buffer.from(piece.subarray(0, length)));
    length = 0;
  };

  return {
    write(bytes) {
      if (isClosed || bytes.length === 0) return;
      isMidLine = bytes.at(-1) !== LINE_FEED;
      for (let at = 0; at < bytes.length;) {
        const part = bytes.subarray(at, at + MAX_PIECE_BYTES - length);
        piece.set(part, length);
        length += part.length;
        at += part.length;
        if (length === MAX_PIECE_BYTES) flush();
      }
      scheduled ??= setImmediate(flush);
    },
    flush,
    get isMidLine() {
      return isMidLine;
    },
    startLine() {
      flush();
      if (isMidLine && !isClosed) stream.write("\n");
      isMidLine = false;
    },
    lineEnded() {
      // What is collected comes behind that end.
      if (length === 0) isMidLine = false;
    },
    async end() {
      flush();
      await new Promise<void>((resolve) => {
        if (isClosed) resolve();
        else
          stream.write("", (cause) => {
            // The error event comes after this callback.
            if (cause) close(cause);
            resolve();
          });
      });
      // Later faults belong to others, but the listener must stay for a late EPIPE.
    },
  };
};
