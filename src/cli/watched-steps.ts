/** Steps of a replay, while a line tells how far they are. */
import { counted } from "./figures.js";
import type { ProgressLine } from "./stoppable.js";

/** Throws the signal's reason where it comes first. */
export function* watchedSteps<End>(
  steps: Generator<{ readonly icount: number } | undefined, End>,
  line: ProgressLine,
  signal: AbortSignal,
): Generator<undefined, End> {
  try {
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) return step.value;
      const { value } = step;
      if (value !== undefined) line.showNowAndThen(() => `at ${counted(value.icount, "instruction")}`);
      yield undefined;
      signal.throwIfAborted();
    }
  } finally {
    line.clear();
    // Of steps that were broken off, what they hold is let go.
    steps.return(undefined as never);
  }
}
