/** What every question takes. */
import { check } from "../../../options/check.js";
import { anything, exactly, maybe, type Codec } from "../../../options/codecs.js";
import { OptionError } from "../../../options/option-error.js";
import { aRecording } from "../../../options/parts.js";
import type { Scope } from "../names/expression/index.js";
import type { Log } from "../../store/log/index.js";
import type { Recording } from "../recording.js";
import { requireInside } from "../replayer.js";
import { checkUntil, type Until } from "../until.js";
import type { Range } from "./range.js";

export type AskedOptions = Range;

/** @throws {OptionError} */
export function checkQuery(
  who: string,
  recording: Recording,
  options: AskedOptions,
  own: Readonly<Record<string, Codec>>,
): void {
  check(who, exactly<{ readonly recording: Recording }>({ recording: aRecording }), { recording });
  const members = { from: maybe(anything), until: maybe(anything), ...own };
  check(who, exactly<AskedOptions>(members), options);
  checkUntil(`${who}: from`, options.from);
  checkUntil(`${who}: until`, options.until);
  checkOrder(who, recording, options);
}

/** @throws {OptionError} @throws {PositionError} where the recording does not come so far */
function checkOrder(who: string, { log }: Recording, { from, until }: AskedOptions): void {
  for (const place of [from, until]) if (place !== undefined) requireInside(log, place);
  if (from === undefined || until === undefined || !isBehind(log, from, until)) return;
  throw new OptionError(`${who}: from ${placeText(from)} lies behind until ${placeText(until)}`, {
    option: "from",
    value: from,
  });
}

function isBehind(log: Log, from: Until, until: Until): boolean {
  const [begin, end] = [from, until].map((place) => (typeof place === "number" ? { icount: place } : place));
  if (begin?.icount === undefined && end?.icount === undefined) return (begin?.seq ?? 0) > (end?.seq ?? 0);
  return icountOf(log, begin) > icountOf(log, end);
}

/** Before the events that stand there, or right after the event. */
function icountOf(log: Log, { seq, icount }: Exclude<Until, number> = {}): number {
  if (icount !== undefined) return icount;
  if (seq === undefined || seq <= log.start.seq) return log.start.icount;
  const [event] = log.events({ fromSeq: seq });
  return event?.icount ?? log.start.icount;
}

const placeText = (place: Until): string =>
  typeof place === "number"
    ? String(place)
    : Object.entries(place)
        .map(([name, value]) => `${name} ${String(value)}`)
        .join(", ");

/** Names mean what they do everywhere; where one takes memory to find (`task->comm`), it is as it is at a position. */
export const globalScope = (recording: Recording, until: Until | undefined): Scope => ({
  names: recording.names,
  get at() {
    return recording.at(until);
  },
  isGlobal: true,
});
