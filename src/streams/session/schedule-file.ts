/** A schedule from a file or a stream, which knows the line of each of its deviations. */
import type { Machine } from "../../machine/machine.js";
import { OptionError } from "../../options/option-error.js";
import { readWholeFile } from "../host/read-file.js";
import { readStream } from "../host/read-stream.js";
import type { Input } from "../host/stdio.js";
import type { Deviation } from "../chaos/schedule.js";
import { linesOfSchedule, parseSchedule } from "../chaos/schedule-text.js";
import { misfitOf } from "../chaos/scheduled.js";

export { scheduleLine } from "../chaos/schedule-text.js";

/** What is read and split into lines at once. The deviations have a bound of their own. */
export const MAX_SCHEDULE_BYTES = 1 << 28;

export interface SessionSchedule {
  readonly deviations: readonly Deviation[];
  /** Where the deviation of this index is written. */
  readonly placeOf: (index: number) => string;
}

/** @throws {OptionError} where it can't be read, or is no schedule: with file, line and field. */
export function readSchedule(path: string): SessionSchedule {
  let bytes: Uint8Array;
  try {
    bytes = readWholeFile(path, { maxBytes: MAX_SCHEDULE_BYTES });
  } catch (cause) {
    throw new OptionError(`the schedule ${path} can't be read: ${(cause as Error).message}`);
  }
  return scheduleIn(path, bytes);
}

/** The same, of standard input. @throws {OptionError} @throws {LogError} where it can't be read. */
export const readScheduleStream = async (stdin: Input): Promise<SessionSchedule> =>
  scheduleIn("standard input", await readStream(stdin, "standard input", MAX_SCHEDULE_BYTES));

/** Before anything runs. @throws {OptionError} where the machine can never take one: with file, line and field. */
export function requireFitting({ deviations, placeOf }: SessionSchedule, machine: Machine): void {
  const misfit = misfitOf(machine, deviations);
  if (misfit === undefined) return;
  const { index, field, value, reason } = misfit;
  throw new OptionError(`${placeOf(index)}: ${field} ${String(value)}: ${reason}`, { option: field, value });
}

function scheduleIn(name: string, bytes: Uint8Array): SessionSchedule {
  const text = new TextDecoder().decode(bytes);
  try {
    const deviations = parseSchedule(text);
    const lines = linesOfSchedule(text);
    return { deviations, placeOf: (index) => `${name}: line ${String(lines[index] ?? 0)} of the schedule` };
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    const { option, value } = error;
    throw new OptionError(`${name}: ${error.message}`, { ...(option === undefined ? {} : { option }), value });
  }
}
