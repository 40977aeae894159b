/** Chaos as a command line or a hunt gives it: checked, and with a seed by chance where none is named. */
import { randomBytes } from "node:crypto";

import { check } from "../../options/check.js";
import { CHAOS_OPTIONS, type ChaosOptions } from "../chaos/chaos-options.js";
import { requireDeviations } from "../chaos/deviations-of.js";

export type { ChaosOptions };
export { DEFAULT_DEPTH, DEFAULT_INSNS, STRATEGIES } from "../chaos/chaos-options.js";

/** `who` has them. @throws {OptionError} */
export function requireChaos(who: string, chaos: ChaosOptions): ChaosOptions {
  check(who, CHAOS_OPTIONS, chaos);
  requireDeviations(who, { chaos });
  return chaos;
}

const SEED_BYTES = 6;

/** Short enough to be typed. */
export const chanceSeed = (): string => randomBytes(SEED_BYTES).toString("hex");
