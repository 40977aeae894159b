/** What is known of a run of a hunt. */
import type { SessionCause } from "../session-end.js";

export interface HuntRun {
  /** From 1; 0: the plain run, without chaos, that `isFailing` is asked about where all others failed. */
  readonly number: number;
  /** Of its chaos; empty: it has none. */
  readonly seed: string;
  readonly failed: boolean;
  /** Why it ended. */
  readonly cause: SessionCause;
  /** What `foldvm record` would exit with: 0, the guest's code, 42 for a timeout, 69 for `starved`: see docs/cli.md. */
  readonly code: number;
  /** The guest's own code, of 32 bits; null: it did not switch itself off. */
  readonly guestCode: number | null;
  /** The guest's last output, MAX_CONSOLE_LETTERS at most, a character a byte. */
  readonly console: string;
  readonly instructions: number;
  readonly events: number;
  readonly seconds: number;
  /**
   * Its recording; null: it was not kept. While `isFailing` looks at the run it is there in any case, under its name
   * until then: the final one and `.part`.
   */
  readonly file: string | null;
  /** Whether a replay of its recording agreed; null: it was not tried. */
  readonly verified: boolean | null;
}
