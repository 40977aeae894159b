/** The monitor of a session: on a terminal behind Ctrl-A C, as with QEMU's -nographic; else in the place of what is typed. */
import { PassThrough } from "node:stream";

import type { Input, Stdio } from "../stdio.js";
import { runPrompt } from "./prompt.js";
import type { MonitorTarget } from "./target.js";

export interface SessionMonitor {
  /** Whether one can be reached at all. */
  readonly isOffered: boolean;
  /** The standard streams as the guest's console sees them. */
  readonly console: Stdio;
  /** What is typed at it on a terminal, from Ctrl-A C to the next. */
  readonly typed: (bytes: Uint8Array) => void;
  readonly end: () => void;
}

export function sessionMonitor(target: MonitorTarget, stdio: Stdio, isMonitored: boolean): SessionMonitor {
  const isTerminal = stdio.stdin.isTTY === true;
  const keys = Object.assign(new PassThrough(), { isTTY: isTerminal });
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let isOpen = false;
  const open = (input: Input): void => {
    if (isOpen) return;
    isOpen = true;
    void runPrompt(target, input, stdio.stdout, ended).then(() => {
      // A script that ends leaves the machine to itself.
      target.control.resume();
    });
  };
  if (isMonitored && !isTerminal) open(stdio.stdin);
  const console = isMonitored && !isTerminal ? { ...streamsOf(stdio), stdin: new PassThrough() } : stdio;
  return {
    isOffered: isMonitored || isTerminal,
    console,
    typed: (bytes) => {
      open(keys);
      keys.write(bytes);
    },
    end,
  };
}

const streamsOf = ({ stdout, stderr, onSignal, onExit }: Stdio): Omit<Stdio, "stdin"> => ({
  stdout,
  stderr,
  onSignal,
  onExit,
});
