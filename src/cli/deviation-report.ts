/** What of the deviations that were asked for a run did not have. */
import type { SessionEnd } from "../streams/session/session-end.js";
import { DEFAULT_DEPTH, DEFAULT_INSNS, type ChaosOptions } from "../streams/session/chaos.js";
import type { SessionSchedule } from "../streams/session/schedule-file.js";
import { count } from "./figures.js";

/** Undefined: it had all. */
export function missedDeviations(
  { deviations: made, ranInsns, position }: SessionEnd,
  { chaos, schedule }: { readonly chaos: ChaosOptions | undefined; readonly schedule: SessionSchedule | undefined },
): string | undefined {
  // They are made in their order, so the missing ones are the last.
  const missing = (schedule?.deviations.length ?? 0) - made;
  const first = schedule?.deviations[made];
  if (schedule !== undefined && first !== undefined)
    return (
      `warning: ${count(missing)} of the schedule's ${count(schedule.deviations.length)} deviations did not happen: ` +
      `the run ended at instruction ${count(position.icount)}; the first is at ${count(first.icount)}, ` +
      schedule.placeOf(made)
    );
  if (chaos?.strategy !== "pct") return undefined;
  const { insns = DEFAULT_INSNS, depth = DEFAULT_DEPTH } = chaos;
  if (depth === 1 || ranInsns >= insns) return undefined;
  const changes = depth === 2 ? "its 1 change" : `its ${count(depth - 1)} changes`;
  return (
    `warning: pct spread ${changes} over ${count(insns)} instructions; the run had ${count(ranInsns)}: ` +
    `give insns=${String(Math.max(ranInsns, 1))}`
  );
}
