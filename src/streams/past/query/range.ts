/** The part of a recording that is asked about, and the segments that its states cut it into. */
import type { MachineState } from "../../../machine/state.js";
import type { PlainPosition } from "../../../reducers/position.js";
import { keptState, type KeptState } from "../kept-states.js";
import type { Recording } from "../recording.js";
import type { Until } from "../until.js";

export interface Range {
  /** The beginning where it is left out. */
  readonly from?: Until | undefined;
  /** Up to there; the end where it is left out. */
  readonly until?: Until | undefined;
}

export interface Segment {
  readonly before: KeptState;
  readonly after: KeptState;
}

/** The state in which a range begins. */
export const startOf = (recording: Recording, { from = recording.log.start }: Range): MachineState =>
  recording.at(from);

/** Between the states that are there, with the range's two ends. */
export function segmentsOf(recording: Recording, range: Range): readonly Segment[] {
  const first = keptState(startOf(recording, range));
  const last = keptState(recording.at(range.until));
  const states = recording.kept.wholeStates.filter(
    ({ position }) => isBefore(first.position, position) && isBefore(position, last.position),
  );
  const bounds = [first, ...states, last];
  return bounds.slice(1).flatMap((after, index) => {
    const before = bounds[index];
    return before === undefined ? [] : [{ before, after }];
  });
}

const isBefore = (a: PlainPosition, b: PlainPosition): boolean =>
  a.icount < b.icount || (a.icount === b.icount && a.seq < b.seq);
