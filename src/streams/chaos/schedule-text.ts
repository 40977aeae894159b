/** A schedule as text: NDJSON, a deviation a line, in the members that `foldvm events` prints but seq and ns. */
import { isDeviationType } from "./deviations.js";
import { faultOfDeviation, MAX_SCHEDULE_EVENTS, type Deviation, type DeviationFault } from "./schedule.js";
import { check } from "../../options/check.js";
import { exactly, text as aText } from "../../options/codecs.js";
import { OptionError } from "../../options/option-error.js";
import type { StreamEvent } from "../../reducers/stream-event.js";
import { payloadOfJson, toJson } from "../store/log/index.js";

/**
 * Empty lines and those that begin with # say nothing, and neither do `seq` and `ns`: what `foldvm events` prints is a
 * schedule too. @throws {OptionError} with line and field
 */
export function parseSchedule(text: string): readonly Deviation[] {
  check("parseSchedule", TEXT, { text });
  const schedule: Deviation[] = [];
  for (const [number, line] of deviationLines(text)) {
    const place = `line ${String(number)} of the schedule`;
    if (schedule.length === MAX_SCHEDULE_EVENTS)
      throw new OptionError(`${place}: one too many, it has at most ${String(MAX_SCHEDULE_EVENTS)} deviations`);
    schedule.push(parseLine(line, schedule.at(-1)?.icount ?? 0, place));
  }
  return schedule;
}

/** The lines, counted from 1, of the deviations that it has. */
export const linesOfSchedule = (text: string): readonly number[] =>
  Array.from(deviationLines(text), ([number]) => number);

/** Its line, without the end; undefined: it is no deviation. */
export function scheduleLine(event: StreamEvent): string | undefined {
  const { seq: _seq, ns: _ns, ...row } = toJson(event);
  return isDeviationType(row.type) ? JSON.stringify(row) : undefined;
}

function* deviationLines(text: string): Generator<readonly [number: number, line: string], void> {
  for (const [index, line] of text.split(/\r?\n/).entries()) if (!/^\s*(#|$)/.test(line)) yield [index + 1, line];
}

const TEXT = exactly<{ readonly text: string }>({ text: aText });

function parseLine(line: string, fromIcount: number, place: string): Deviation {
  const { seq: _seq, ns: _ns, icount, type, ...members } = objectOf(line, place);
  const refuse = ({ field, reason }: DeviationFault): OptionError => {
    const given = { icount, type, ...members }[field];
    const shown = given === undefined ? "" : ` ${JSON.stringify(given)}`;
    return new OptionError(`${place}: ${field}${shown}: ${reason}`, { option: field, value: given });
  };
  // Of another type, its members mean nothing.
  const decoded = isDeviationType(type) ? payloadOfJson(type, members) : { payload: {} };
  if ("reason" in decoded) throw refuse(decoded);
  const deviation = { icount, type, ...decoded.payload };
  const fault = faultOfDeviation(deviation, fromIcount);
  if (fault !== undefined) throw refuse(fault);
  return deviation as unknown as Deviation;
}

function objectOf(line: string, place: string): Readonly<Record<string, unknown>> {
  try {
    const row: unknown = JSON.parse(line);
    if (typeof row === "object" && row !== null && !Array.isArray(row)) return row as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new OptionError(`${place}: expected an object, such as {"icount":1000,"type":"schedule/turnEnded"}`);
}
