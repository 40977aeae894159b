/** How far a question is: where its replay stands, told now and then. A search from the end goes back. */
import type { PlainPosition } from "../../../reducers/position.js";
import type { Recording } from "../recording.js";
import type { Range } from "./range.js";

export type Progress = (position: PlainPosition) => void;

/** Makes the state at a place. Finds nothing, a stretch at a time, so that the host has its turns. */
export function* arrival(
  recording: Recording,
  until: Range["until"],
  progress?: Progress,
): Generator<readonly never[], void> {
  for (const position of recording.stepsTo(until)) {
    progress?.(position);
    yield [];
  }
}

/** Makes the states that opening a question looks at: a kernel's names and its page tables are in memory. */
export function* readied(
  recording: Recording,
  { until }: Range,
  progress?: Progress,
): Generator<readonly never[], void> {
  if (!recording.mayHaveKernel) return;
  yield* arrival(recording, undefined, progress);
  if (until !== undefined) yield* arrival(recording, until, progress);
}
