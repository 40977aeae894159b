/** A machine goes on for a debugger until something stops it. */
import { firstValueFrom } from "rxjs";

import type { Inspected } from "../../../machine/inspect.js";
import { retiredBy } from "../../../reducers/schedule.js";
import type { Stopped } from "../../time/control.js";
import type { MonitorTarget } from "../target/target.js";

export const goOn = async ({ control }: MonitorTarget): Promise<Stopped> => {
  if (control.hasEnded) return control.pause();
  const stopped = firstValueFrom(control.stopped$);
  control.resume();
  return stopped;
};

/** How many instructions a hart has retired. It tells its own steps from those of others. */
export const retiredOf = ({ schedule, position }: Inspected, hart: number): number =>
  retiredBy(schedule, position.icount)[hart] ?? 0;

/** One instruction of this hart, and what the others do meanwhile. */
export function step(target: MonitorTarget, hart: number): Promise<Stopped> {
  const at = target.present();
  if (at.harts.length === 1) return target.control.step();
  const before = retiredOf(at, hart);
  return target.control.runUntil({ present: (now) => retiredOf(now, hart) > before, every: INSNS_A_LOOK });
}

/** What it looks for stays true, so it is found to the instruction. */
const INSNS_A_LOOK = 1000;

/** Steps of this hart until its pc is outside. */
export function stepWithin(
  target: MonitorTarget,
  hart: number,
  [from, to]: readonly [bigint, bigint],
): Promise<Stopped> {
  const before = retiredOf(target.present(), hart);
  return target.control.runUntil({
    present: (now) => {
      const pc = now.harts[hart]?.fields.pc ?? 0n;
      return retiredOf(now, hart) > before && (pc < from || pc >= to);
    },
  });
}
