/** What the guest prints, on the standard output, under the eyes of who waits for a text. */
import { stdioOutput } from "../host/terminal/stdio-output.js";
import { textWatch } from "./text-watch.js";
import type { OutputError } from "../host/output-error.js";
import type { Output } from "../host/stdio.js";

export interface WatchedTexts {
  /** Ends the session when the guest prints it. */
  readonly expectText?: string | undefined;
  readonly failText?: string | undefined;
}

export interface WatchedOutput {
  readonly write: (bytes: Uint8Array) => void;
  /** What was printed does not end with a whole line. */
  readonly isMidLine: boolean;
  end(): Promise<void>;
}

export function watchedOutput(
  stdout: Output,
  { failText, expectText }: WatchedTexts,
  found: (cause: keyof WatchedTexts | "outputClosed") => void,
  failed: (error: OutputError) => void,
): WatchedOutput {
  const output = stdioOutput(stdout, (fault) => {
    if (fault === undefined) found("outputClosed");
    else failed(fault);
  });
  const watch = textWatch({ failText, expectText }, found);
  let isMidLine = false;
  return {
    write(bytes) {
      isMidLine = bytes.at(-1) !== LINE_FEED;
      output.write(bytes);
      watch(bytes);
    },
    get isMidLine() {
      return isMidLine;
    },
    end: () => output.end(),
  };
}

const LINE_FEED = 0x0a;
