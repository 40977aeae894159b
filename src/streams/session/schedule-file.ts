/** A schedule from a file, and the lines of one. */
import { OptionError } from "../../options/option-error.js";
import { readWholeFile } from "../host/read-file.js";
import type { Deviation } from "../live/chaos/schedule.js";
import { parseSchedule } from "../live/chaos/schedule-text.js";

export { scheduleLine } from "../live/chaos/schedule-text.js";

/** What is read and split into lines at once. The deviations have a bound of their own. */
export const MAX_SCHEDULE_BYTES = 1 << 28;

/** @throws {OptionError} where it can't be read, or is no schedule: with file, line and field. */
export function readSchedule(path: string): readonly Deviation[] {
  let bytes: Uint8Array;
  try {
    bytes = readWholeFile(path, MAX_SCHEDULE_BYTES);
  } catch (cause) {
    throw new OptionError(`the schedule ${path} can't be read: ${(cause as Error).message}`);
  }
  try {
    return parseSchedule(new TextDecoder().decode(bytes));
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    const { option, value } = error;
    throw new OptionError(`${path}: ${error.message}`, { ...(option === undefined ? {} : { option }), value });
  }
}
