/** The part of a recording that is asked about, and the parts that its states cut it into. */
import type { MachineState } from "../../../machine/state.js";
import type { PlainPosition } from "../../../reducers/position.js";
import { beforePosition, keptState, type KeptState } from "../kept-states.js";
import type { Recording } from "../recording.js";
import type { Until } from "../until.js";
import type { Listener } from "./question.js";

export interface Range {
  /** The beginning where it is left out. */
  readonly from?: Until | undefined;
  /** Up to there; the end where it is left out. */
  readonly until?: Until | undefined;
}

/** Between two states that are there. */
export interface Segment {
  readonly before: KeptState;
  /** Undefined: it goes on to the range's end, where there is no state. */
  readonly after: KeptState | undefined;
}

/** What is to be run in one piece. */
export interface Part {
  readonly from: PlainPosition;
  readonly until: Until | undefined;
  /** The range begins with it. */
  readonly isBeginning: boolean;
}

/** The state in which a range begins. */
export const startOf = (recording: Recording, { from = recording.log.start }: Range): MachineState =>
  recording.at(from);

/** Between the states that are there. `end`: that of the range's end, where it is there. */
export function segmentsOf(recording: Recording, range: Range, end?: MachineState): readonly Segment[] {
  const first = keptState(startOf(recording, range));
  const last = end && keptState(end);
  const isInside = last === undefined ? beforePosition(range.until) : isBefore(last.position);
  const states = recording.kept.wholeStates.filter(
    ({ position }) => isBefore(position)(first.position) && isInside(position),
  );
  const bounds = [first, ...states];
  return bounds.map((before, index) => ({ before, after: bounds[index + 1] ?? last }));
}

/** Whether nothing is to be found in a segment. */
export const isRuledOut = (listener: Listener<unknown>, { before, after }: Segment): boolean =>
  after !== undefined && listener.needsAll !== true && listener.rulesOut?.(before, after) === true;

/** What is to be run of a range, with neighbours in one piece. */
export function partsOf(recording: Recording, listener: Listener<unknown>, range: Range): readonly Part[] {
  const parts: { from: PlainPosition; until: Until | undefined; isBeginning: boolean }[] = [];
  let wasRuledOut = true;
  for (const [index, segment] of segmentsOf(recording, range).entries()) {
    const isOut = isRuledOut(listener, segment);
    const until = segment.after?.position ?? range.until;
    const last = parts.at(-1);
    if (!isOut && !wasRuledOut && last !== undefined) last.until = until;
    else if (!isOut) parts.push({ from: segment.before.position, until, isBeginning: index === 0 });
    wasRuledOut = isOut;
  }
  return parts;
}

const isBefore =
  (place: PlainPosition) =>
  (position: PlainPosition): boolean =>
    position.icount < place.icount || (position.icount === place.icount && position.seq < place.seq);
