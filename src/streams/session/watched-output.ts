/** What the guest prints, on the standard output, under the eyes of who waits for a text. */
import { stdioOutput, type ConsoleOutput } from "../host/terminal/stdio-output.js";
import { textWatch } from "./text-watch.js";
import type { OutputError } from "../host/output-error.js";
import type { Output } from "../host/stdio.js";

export interface WatchedTexts {
  /** Ends the session when the guest prints it. */
  readonly expectText?: string | undefined;
  readonly failText?: string | undefined;
}

export function watchedOutput(
  stdout: Output,
  { failText, expectText }: WatchedTexts,
  found: (cause: keyof WatchedTexts | "outputClosed") => void,
  failed: (error: OutputError) => void,
): ConsoleOutput {
  const output = stdioOutput(stdout, (fault) => {
    if (fault === undefined) found("outputClosed");
    else failed(fault);
  });
  const watch = textWatch({ failText, expectText }, found);
  return {
    ...output,
    get isMidLine() {
      return output.isMidLine;
    },
    write(bytes) {
      output.write(bytes);
      watch(bytes);
    },
  };
}
