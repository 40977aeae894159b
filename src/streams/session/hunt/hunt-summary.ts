/** What came of a hunt. */
import type { Rate } from "../../chaos/rate.js";

export interface HuntSummary extends Rate {
  /** Those that ended, by themselves or by the timeout. */
  readonly runs: number;
  readonly failed: number;
  /** The base of all seeds: run n has `SEED-n`. */
  readonly seed: string;
  /** The recordings that were kept, in the order of their numbers. */
  readonly files: readonly string[];
  /** Whether every replay of one that failed agreed; false is a fault of this library; null: none was replayed. */
  readonly verified: boolean | null;
  /** Where all runs failed: whether a plain one, without chaos, fails too; null: that was not tried. */
  readonly plainFailed: boolean | null;
  readonly seconds: number;
}
