/** A skew of the clock, of a length that chance chooses. */
import type { Machine } from "../../machine/machine.js";
import type { DeviationEvent } from "./deviations.js";
import type { Random } from "./random.js";

/**
 * Least and most: a tick of mtime, and so little that a guest that measures time by instructions, as Linux does once,
 * is not led too far astray.
 */
const SKEW_NS = [100, 10_000_000] as const;
/** A timer that is further off than a tick of any kernel stays where it is. */
const AHEAD_NS = 100_000_000n;
const TO_TIMER_CHANCE = 0.5;

/** Half of them lead to the guest's next timer: its interrupt then comes between these two instructions. */
export function* skew(machine: Machine, random: Random): Generator<DeviationEvent, void> {
  const ahead = (machine.deadlineNs ?? 0n) - machine.virtualNs;
  const isToTimer = random.happens(TO_TIMER_CHANCE) && ahead > 0n && ahead <= AHEAD_NS;
  const byNs = isToTimer ? ahead : BigInt(random.longTailed(...SKEW_NS));
  yield { type: "clock/skewed", byNs };
}
