/** What is typed: a terminal in raw mode with QEMU's escape, or any other stream as it comes. */
import { Observable } from "rxjs";

import type { Stdio } from "../stdio.js";
import { ESCAPE_HELP, terminalEscape } from "./terminal-escape.js";

export interface StdioInputActions {
  /** Ctrl-A X was typed, or the terminal is gone. */
  readonly quit: () => void;
  /** Ctrl-A R was typed. */
  readonly reset: () => void;
  /** What is typed between two Ctrl-A C. */
  readonly monitor: (bytes: Uint8Array) => void;
  /** The end of what is no terminal. */
  readonly ended: () => void;
}

/** Reads while somebody is subscribed, and never completes: when a pipe ends, the machine goes on. */
export const stdioInput = (
  { stdin, stderr, onExit }: Stdio,
  { quit, reset, monitor, ended }: StdioInputActions,
): Observable<Uint8Array> =>
  new Observable((subscriber) => {
    const isTerminal = stdin.isTTY === true && stdin.setRawMode !== undefined;
    const type = (bytes: Uint8Array): void => {
      subscriber.next(bytes);
    };
    const escape = terminalEscape({
      type,
      quit,
      reset,
      monitor,
      help: () => {
        stderr.write(ESCAPE_HELP.replaceAll("\n", "\r\n"));
      },
    });
    const read = (chunk: Uint8Array | string): void => {
      const bytes = new Uint8Array(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
      if (isTerminal) escape(bytes);
      else type(bytes);
    };
    const lost = (): void => {
      if (isTerminal) quit();
      else ended();
    };
    const restore = (): void => {
      if (isTerminal) stdin.setRawMode?.(false);
    };
    // Whatever ends the process, the terminal is as it was.
    const stopListening = onExit(restore);
    if (isTerminal) stdin.setRawMode?.(true);
    stdin.on("data", read);
    stdin.on("end", lost);
    stdin.on("error", lost);
    return () => {
      stdin.off("data", read);
      stdin.off("end", lost);
      stdin.pause();
      // A paused stream may still hold the process.
      stdin.unref?.();
      restore();
      stopListening();
    };
  });
