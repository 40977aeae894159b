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
  checkRange(who, recording, options);
}

/** @throws {OptionError} @throws {PositionError} where the recording does not come so far */
export function checkRange(who: string, { log }: Recording, { from, until }: Range): void {
  checkUntil(`${who}: from`, from);
  checkUntil(`${who}: until`, until);
  for (const place of [from, until]) if (place !== undefined) requireInside(log, place);
  if (from === undefined || until === undefined || !isBehind(log, from, until)) return;
  throw new OptionError(`${who}: from ${placeText(from)} lies behind until ${placeText(until)}`, {
    option: "from",
    value: from,
  });
}

function isBehind(log: Log, from: Until, until: Until): boolean {
  if (isOfEvent(from) && isOfEvent(until)) return from.seq > until.seq;
  return icountOf(log, from) > icountOf(log, until);
}

const isOfEvent = (place: Until): place is { readonly seq: number } =>
  typeof place === "object" && place.icount === undefined;

/** Before the events that stand there, or right after the event. */
export function icountOf(log: Log, place: Until): number {
  const { seq, icount } = typeof place === "number" ? { icount: place } : place;
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
