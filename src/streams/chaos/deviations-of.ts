/** Who makes the deviations of a run: a strategy with its seed, a schedule, or nobody. */
import type { Machine } from "../../machine/machine.js";
import { OptionError } from "../../options/option-error.js";
import { DEFAULT_DEPTH, DEFAULT_INSNS, type ChaosOptions } from "./chaos-options.js";
import type { Deviations } from "./deviations.js";
import { PctChaos } from "./pct-chaos.js";
import { randomOf } from "./random.js";
import { RandomChaos } from "./random-chaos.js";
import { requireSchedule, type Deviation } from "./schedule.js";
import { Scheduled } from "./scheduled.js";

export interface DeviationOptions {
  /** Schedule and clock vary, each deviation being an event. Default: they follow from the state. */
  readonly chaos?: ChaosOptions | undefined;
  /** The deviations themselves. They go with no `chaos`. */
  readonly schedule?: readonly Deviation[] | undefined;
}

/** @throws {OptionError} */
export function requireDeviations(who: string, { chaos, schedule }: DeviationOptions): void {
  if (chaos !== undefined && schedule !== undefined)
    throw new OptionError(`${who}: schedule: there is chaos already; give one of the two`, { option: "schedule" });
  for (const option of ["depth", "insns"] as const) {
    const value = chaos?.[option];
    if (value !== undefined && chaos?.strategy !== "pct")
      throw new OptionError(`${who}: chaos.${option} ${String(value)}: only the strategy pct has it`, {
        ...{ option: `chaos.${option}`, value },
      });
  }
  if (schedule !== undefined) requireSchedule(who, schedule);
}

/** @throws {OptionError} where the schedule is not one of this machine. */
export function deviationsOf(machine: Machine, { chaos, schedule }: DeviationOptions): Deviations | undefined {
  if (schedule !== undefined) return new Scheduled(machine, schedule);
  if (chaos === undefined) return undefined;
  const { seed, strategy = "random", depth = DEFAULT_DEPTH, insns = DEFAULT_INSNS } = chaos;
  const random = randomOf(seed);
  return strategy === "pct" ? new PctChaos(machine, random, { depth, insns }) : new RandomChaos(machine, random);
}
