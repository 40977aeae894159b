/** What is known of a run of a hunt, and whether it has failed. */
import type { SessionCause, SessionEnd } from "../session-end.js";

export interface HuntRun {
  /** From 1. */
  readonly number: number;
  /** Of its chaos. */
  readonly seed: string;
  readonly failed: boolean;
  /** Why it ended. */
  readonly cause: SessionCause;
  /** The guest's exit code, where it switched itself off; else 0. */
  readonly code: number;
  /** The guest's last output, MAX_CONSOLE_LETTERS at most, a character a byte. */
  readonly console: string;
  readonly instructions: number;
  readonly events: number;
  readonly seconds: number;
  /** Its recording. While `isFailing` looks at the run it is there in any case; null: it was not kept. */
  readonly file: string | null;
  /** Whether a replay of its recording agreed; null: it was not tried. */
  readonly verified: boolean | null;
}

/** As `record` answers the shell with another code than 0. */
export function hasFailed({ cause, guestCode, unkept }: SessionEnd, expectText: string | undefined): boolean {
  switch (cause) {
    case "guest":
      return unkept !== undefined || guestCode !== 0 || expectText !== undefined;
    case "reset":
      return unkept !== undefined || expectText !== undefined;
    case "expectText":
      return false;
    default:
      return true;
  }
}
