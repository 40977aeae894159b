/**
 * The monitor of a session: on a terminal behind Ctrl-A C, as with QEMU's -nographic; else in the place of what is
 * typed, or at a socket.
 */
import { PassThrough } from "node:stream";
import { setTimeout } from "node:timers/promises";

import { Subject } from "rxjs";

import type { ConsoleOutput } from "../../host/terminal/stdio-output.js";
import type { Input, Stdio } from "../../host/stdio.js";
import { monitorSocket, type MonitorPlace } from "./monitor-place.js";
import { runPrompt } from "./prompt.js";
import type { MonitorTarget } from "../target/target.js";

export interface SessionMonitor {
  /** Whether one can be reached at all. */
  readonly isOffered: boolean;
  /** The standard streams as the guest's console sees them. */
  readonly console: Stdio;
  /** What is typed at it on a terminal, from Ctrl-A C to the next. */
  readonly typed: (bytes: Uint8Array) => void;
  readonly end: () => Promise<void>;
}

export interface SessionMonitorOptions {
  readonly place: MonitorPlace | undefined;
  /** The guest's, on the standard output. */
  readonly console: ConsoleOutput;
  /** The machine waits for it. */
  readonly isStopped: boolean;
}

export async function sessionMonitor(
  target: MonitorTarget,
  stdio: Stdio,
  { place, console, isStopped }: SessionMonitorOptions,
): Promise<SessionMonitor> {
  const isTerminal = stdio.stdin.isTTY === true;
  const keys = Object.assign(new PassThrough(), { isTTY: isTerminal });
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let isOpen = false;
  const returned$ = new Subject<void>();
  const open = (input: Input): Promise<void> => {
    isOpen = true;
    return runPrompt(target, input, stdio.stdout, ended, { console, returned$ }).then(() => {
      isOpen = false;
      // A script that ends leaves the machine to itself, and so does Ctrl-D; another Ctrl-A C opens it again.
      target.control.resume();
    });
  };
  const endSocket = typeof place === "object" ? await monitorSocket(place.path, target) : undefined;
  const isScript = place === "stdio" && !isTerminal;
  const script = isScript ? open(stdio.stdin) : undefined;
  if (isTerminal && (place === "stdio" || isStopped)) {
    stdio.stderr.write(`foldvm: ${isStopped ? "the machine waits for cont; " : ""}${HOW_TO_SWITCH}\n`);
  }
  return {
    isOffered: place !== undefined || isTerminal,
    console: isScript ? { ...streamsOf(stdio), stdin: new PassThrough() } : stdio,
    typed: (bytes) => {
      if (!isOpen) void open(keys);
      else if (bytes.length === 0) returned$.next();
      keys.write(bytes);
    },
    end: async () => {
      // A short run may end before its script was read: what is left is answered of the machine as it ended.
      if (script !== undefined && target.control.hasEnded)
        await Promise.race([script, setTimeout(PATIENCE_MS, undefined, { ref: false })]);
      end();
      await endSocket?.();
    },
  };
}

/** A pipe may stay open. */
const PATIENCE_MS = 200;

const HOW_TO_SWITCH = "Ctrl-A C switches between the guest's console and the monitor, where help lists the commands";

const streamsOf = ({ stdout, stderr, onSignal, onExit, onContinued }: Stdio): Omit<Stdio, "stdin"> => ({
  stdout,
  stderr,
  onSignal,
  onExit,
  onContinued,
});
