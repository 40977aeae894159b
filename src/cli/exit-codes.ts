/** What the command answers to the shell. Documented in docs/cli.md; 0 and the guest's own codes are not named here. */
import type { Fault } from "../streams/session/fault-kind.js";
import { SESSION_CODE } from "../streams/session/session-code.js";

export { SIGNAL_CODES } from "../streams/session/session-code.js";

export const EXIT = {
  ...SESSION_CODE,
  usage: 2,
  divergence: 3,
  // From here on as in BSD's sysexits.h, where it has a word for it.
  recording: 65,
  file: 66,
  boot: 67,
  internal: 70,
  /** The host killed a process of ours, or gives none. */
  process: 71,
  /** The host's end of a network can't be had. */
  network: 76,
} as const;

export const exitCodeOf = (fault: Fault): number => EXIT[fault];
