/** What the command answers to the shell. Documented in docs/cli.md; 0 and the guest's own codes are not named here. */
import type { Signal } from "../streams/host/stdio.js";
import type { Fault } from "../streams/session/fault-kind.js";

export const EXIT = {
  done: 0,
  /** --fail-text was printed, or --expect-text was not. */
  textFailed: 1,
  usage: 2,
  divergence: 3,
  /** As Wokwi's. */
  timeout: 42,
  // From here on as in BSD's sysexits.h, where it has a word for it.
  recording: 65,
  file: 66,
  boot: 67,
  /** The guest is in a state that no machine gets out of. */
  halted: 68,
  /** The guest's input has ended, and it waits for what can't come. */
  starved: 69,
  internal: 70,
  /** The host killed a process of ours, or gives none. */
  process: 71,
  output: 73,
  /** The host's end of a network can't be had. */
  network: 76,
} as const;

export const exitCodeOf = (fault: Fault): number => EXIT[fault];

const LARGEST = 255;

/** A process has 8 bits for what a guest has 32 for; a failure stays one. */
export const guestExitCode = (code: number): number => (code === 0 ? 0 : code & LARGEST || LARGEST);

/** 128 and the signal's number, as shells have it. */
export const SIGNAL_CODES: Readonly<Record<Signal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
