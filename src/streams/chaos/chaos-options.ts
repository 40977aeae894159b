/** How the schedule and the clock of a run are to vary, as a caller says it. */
import { exactly, maybe, oneOf, shortText, wholeFrom } from "../../options/codecs.js";

export interface ChaosOptions {
  /** What chance is made from: the same seed is the same run, as far as no input comes. */
  readonly seed: string;
  /**
   * `random` (default): few deviations of all kinds, at long-tailed distances. `pct`: each hart has a priority of its
   * own, which changes at `depth` - 1 random places among the first `insns` instructions; so it finds a bug of that
   * depth with a chance of at least 1 / (harts * insns^(depth - 1)).
   */
  readonly strategy?: "random" | "pct" | undefined;
  /** How many orderings of events a bug needs, for `pct`. Default 3. */
  readonly depth?: number | undefined;
  /** About how many instructions the run has, all harts together, for `pct`. Default 10,000,000. */
  readonly insns?: number | undefined;
}

export const STRATEGIES = ["random", "pct"] as const satisfies readonly ChaosOptions["strategy"][];
export const DEFAULT_DEPTH = 3;
export const DEFAULT_INSNS = 10_000_000;

export const MAX_SEED_LETTERS = 256;
/** Bugs that need more orderings than four or five are not known. */
export const MAX_DEPTH = 64;

export const CHAOS_OPTIONS = exactly<ChaosOptions>({
  seed: shortText(MAX_SEED_LETTERS),
  strategy: maybe(oneOf(...STRATEGIES)),
  depth: maybe(wholeFrom(1, MAX_DEPTH)),
  insns: maybe(wholeFrom(1, Number.MAX_SAFE_INTEGER)),
});
