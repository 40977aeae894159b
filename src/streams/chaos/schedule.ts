/** A schedule as data: the deviations that somebody wrote down, or that a recording had, each at its icount. */
import { value } from "../../options/codecs.js";
import { OptionError } from "../../options/option-error.js";
import { faultOf, isEvent, type UncheckedEvent } from "../../reducers/event-boundary.js";
import { Count } from "../../reducers/scalars.js";
import { DEVIATION_TYPES, isDeviation, isDeviationType, type DeviationEvent } from "./deviations.js";

/** `icount`: it happens between the first so many instructions and the next. */
export type Deviation = DeviationEvent & { readonly icount: number };

/** All are looked at before the run. */
export const MAX_SCHEDULE_EVENTS = 1 << 20;

/** What its members are, `requireSchedule` says. */
export const SCHEDULE = value("a list of deviations", Array.isArray);

/** What is wrong with one deviation. */
export interface DeviationFault {
  readonly field: string;
  readonly reason: string;
}

/** Undefined: nothing is wrong with `given`, where the one before has `fromIcount`. */
export function faultOfDeviation(
  given: Readonly<Record<string, unknown>>,
  fromIcount: number,
): DeviationFault | undefined {
  const { icount, ...event } = given;
  const { type } = event;
  if (!Count.is(icount)) return { field: "icount", reason: "expected a whole number, 0 or more" };
  if (icount < fromIcount)
    return {
      field: "icount",
      reason: `expected ${String(fromIcount)} or more: they are in the order of their icounts`,
    };
  if (!isDeviationType(type)) return { field: "type", reason: `expected one of ${DEVIATION_TYPES.join(", ")}` };
  const unchecked = event as UncheckedEvent;
  if (isEvent(unchecked)) return undefined;
  const { field = "type", reason } = faultOf(unchecked);
  return { field, reason };
}

/** @throws {OptionError} with the place of what is wrong, such as `schedule.3.icount` */
export function requireSchedule(who: string, schedule: readonly unknown[]): void {
  const refuse = (option: string, shown: unknown, reason: string): OptionError =>
    new OptionError(`${who}: ${option} ${String(shown)}: ${reason}`, { option, value: shown });
  if (schedule.length > MAX_SCHEDULE_EVENTS)
    throw refuse(
      "schedule",
      `of ${String(schedule.length)}`,
      `expected at most ${String(MAX_SCHEDULE_EVENTS)} deviations`,
    );
  let fromIcount = 0;
  for (const [index, given] of schedule.entries()) {
    const row: Readonly<Record<string, unknown>> = typeof given === "object" && given !== null ? { ...given } : {};
    const fault = faultOfDeviation(row, fromIcount);
    if (fault !== undefined) throw refuse(`schedule.${String(index)}.${fault.field}`, row[fault.field], fault.reason);
    fromIcount = row["icount"] as number;
  }
}

/** Those of a run or a recording. */
export function* scheduleOf(
  events: Iterable<{ readonly icount: number; readonly event: Parameters<typeof isDeviation>[0] }>,
): Generator<Deviation, void> {
  for (const { icount, event } of events) if (isDeviation(event)) yield { ...event, icount };
}
