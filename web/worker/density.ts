/** How much happened when: what the timeline is drawn from. */
import type { Ask, DensityAnswer, Window } from "../protocol.js";
import { PageError } from "./cancelled.js";
import { kindOf } from "./event-index.js";
import type { Opened } from "./opened.js";

/** More than a screen has columns. */
export const MAX_BUCKETS = 16_384;

/** @throws {PageError} */
export function densityOf(opened: Opened, { window, buckets }: Ask<"density">): DensityAnswer {
  if (!(Number.isInteger(buckets) && buckets >= 1 && buckets <= MAX_BUCKETS)) {
    throw new PageError(`${String(buckets)} buckets: a density has 1 to ${String(MAX_BUCKETS)} of them`);
  }
  const { axis, from, until } = checkedWindow(opened, window);
  const { events, survey } = opened;
  const counts = events.density(axis, from, until, buckets);
  const bounds = icountBounds(opened, { axis, from, until }, buckets);
  return {
    axis,
    from,
    until,
    surveyed: survey.share,
    series: [
      ...events.types.map((type, at) => ({ name: type, kind: kindOf(type), counts: counts[at] ?? new Uint32Array(0) })),
      ...[...survey.consoles].map(([name, journal]) => ({
        name,
        kind: "console" as const,
        counts: journal.density(axis, from, until, buckets),
      })),
      ...survey.traps.causes.map(({ cause, isInterrupt }) => ({
        name: cause,
        kind: isInterrupt ? ("interrupt" as const) : ("trap" as const),
        counts: survey.traps.density(cause, bounds),
      })),
    ],
  };
}

/** All of the run where none is given. @throws {PageError} */
export function checkedWindow({ start, end }: Opened, window: Window | undefined): Window {
  if (window === undefined) return { axis: "icount", from: start.icount, until: end.icount };
  const { axis, from, until } = window;
  if (Number.isFinite(from) && Number.isFinite(until) && from <= until) {
    return { axis, from: Math.max(from, start[axis]), until: Math.min(until, end[axis]) };
  }
  throw new PageError(`from ${String(from)} to ${String(until)} is no window: it begins before it ends`);
}

function icountBounds({ events, end }: Opened, { axis, from, until }: Window, buckets: number): readonly number[] {
  return Array.from({ length: buckets + 1 }, (_, at) => {
    const place = from + ((until - from) * at) / buckets;
    return axis === "icount" ? place : Math.min(events.atNs(place).icount, end.icount);
  });
}
