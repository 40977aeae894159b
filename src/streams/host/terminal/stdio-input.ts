/** Reads what is typed: from a terminal in raw mode with QEMU's escape, or from any other stream unchanged. */
import { Observable } from "rxjs";

import { heldStream } from "../held-stream.js";
import type { Stdio } from "../stdio.js";
import { ESCAPE_HELP, terminalEscape } from "./terminal-escape.js";

export interface StdioInputActions {
  /** Ctrl-A X was typed, or the terminal was closed. */
  readonly quit: () => void;
  /** Ctrl-A R was typed. */
  readonly reset: () => void;
  /** Bytes that were typed between one Ctrl-A C and the next. */
  readonly monitor: (bytes: Uint8Array) => void;
  /** Input that is not a terminal has ended. */
  readonly ended: () => void;
}

/**
 * Reads while subscribed and while there is room. It never completes: when a pipe ends, the machine continues. As in
 * QEMU, a terminal is held back too: an escape is read only after the guest has taken earlier input.
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
      // A paused stream may still keep the process alive.
      subscriber.add(() => stdin.unref?.());
    });

/** Until the returned function is called or the process ends. */
function rawMode({ stdin, onExit, onContinued }: Stdio): () => void {
  const restore = (): void => {
    stdin.setRawMode?.(false);
  };
  stdin.setRawMode?.(true);
  const stopListening = [
    // Restore the terminal however the process ends.
    onExit(restore),
    // The shell changed the terminal's mode while the process was stopped. Node skips a mode that it believes to be
    // set.
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
