/** What is typed: a terminal in raw mode with QEMU's escape, or any other stream as it comes. */
import { Observable } from "rxjs";

import { heldStream } from "../held-stream.js";
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

/**
 * Reads while somebody is subscribed and there is room, and never completes: when a pipe ends, the machine goes on. A terminal is
 * held back too, as in QEMU: its escape is read once the guest has taken some of what was typed before.
 */
export const stdioInput =
  (stdio: Stdio, { quit, reset, monitor, ended }: StdioInputActions) =>
  (hasRoom$: Observable<boolean>): Observable<Uint8Array> =>
    new Observable((subscriber) => {
      const { stdin, stderr } = stdio;
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
      if (isTerminal) subscriber.add(rawMode(stdio));
      subscriber.add(
        heldStream(stdin, hasRoom$).subscribe({
          next: isTerminal ? escape : type,
          complete: isTerminal ? quit : ended,
        }),
      );
      // A paused stream may still hold the process.
      subscriber.add(() => stdin.unref?.());
    });

/** Until the answer is called, or the process ends. */
function rawMode({ stdin, onExit, onContinued }: Stdio): () => void {
  const restore = (): void => {
    stdin.setRawMode?.(false);
  };
  stdin.setRawMode?.(true);
  const stopListening = [
    // Whatever ends the process, the terminal is as it was.
    onExit(restore),
    // Whoever stopped the process has given the terminal a mode of its own. Node sets none that it believes to be set.
    onContinued(() => {
      restore();
      stdin.setRawMode?.(true);
    }),
  ];
  return () => {
    for (const stop of stopListening) stop();
    restore();
  };
}
