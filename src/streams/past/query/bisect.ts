/** `bisect`: where something began that stays true once it is. */
import { check } from "../../../options/check.js";
import { call, exactly } from "../../../options/codecs.js";
import { Moment } from "../moment.js";
import type { Recording } from "../recording.js";
import { checkQuery, type AskedOptions } from "./asked.js";
import { segmentsOf, startOf } from "./range.js";
import { whereMapped } from "./where-mapped.js";

/**
 * The first moment that a predicate holds for; undefined: it holds for none. It must stay true once it is. The states
 * that are there are asked first, then what lies between two of them is halved. Where it reads what is not mapped, it
 * does not hold. Throws as a replay does, and what the predicate throws.
 */
export function bisect(
  recording: Recording,
  predicate: (moment: Moment) => boolean,
  range: AskedOptions = {},
): Moment | undefined {
  checkQuery("bisect", recording, range, {});
  check("bisect", exactly<{ readonly holds: unknown }>({ holds: call }), { holds: predicate });
  const holds = (moment: Moment): boolean => whereMapped(() => predicate(moment)) ?? false;
  const start = Moment.of(recording, startOf(recording, range));
  if (holds(start)) return start;
  const segments = segmentsOf(recording, range, recording.at(range.until));
  const ends = segments.flatMap(({ after }) => (after === undefined ? [] : new Moment(recording, after.position)));
  const index = firstIndex(ends.length, (at) => holds(ends[at] ?? start));
  const end = ends[index];
  return end === undefined ? undefined : between(recording, holds, ends[index - 1] ?? start, end);
}

/** It holds at the end, and not before. */
function between(recording: Recording, holds: (moment: Moment) => boolean, before: Moment, end: Moment): Moment {
  // An icount means before the events that stand there.
  const icountAt = (index: number): Moment => new Moment(recording, before.icount + 1 + index);
  const insns = end.icount - before.icount;
  const index = firstIndex(insns, (at) => holds(icountAt(at)));
  const last = index === insns ? end : icountAt(index);
  const icount = before.icount + index;
  const seqs: number[] = [];
  for (const event of recording.eventsFrom(Math.max(new Moment(recording, icount).seq, before.seq) + 1)) {
    if (event.icount > icount || event.seq > last.seq) break;
    seqs.push(event.seq);
  }
  const behind = (at: number): Moment => new Moment(recording, { seq: seqs[at] ?? 0 });
  const first = firstIndex(seqs.length, (at) => holds(behind(at)));
  return first === seqs.length ? last : behind(first);
}

/** The first index from 0 to below the count that the predicate holds for; the count: none. */
function firstIndex(count: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
