/** The last rows of a range: back from its end, segment by segment; those run that the states do not rule out. */
import type { Recording } from "../recording.js";
import { findsFrom } from "./probed-replay.js";
import { arrival, type Progress } from "./progress.js";
import type { Reading } from "./question.js";
import { isRuledOut, segmentsOf, type Range } from "./range.js";
import { RowsOf } from "./rows-of.js";

/** `open`: a reading for each segment. Of one that is ordered, or needs all, these are not the last rows. */
export function* backward<Row>(
  recording: Recording,
  range: Range,
  open: () => Reading<Row>,
  progress?: Progress,
  count = 1,
): Generator<readonly Row[], void> {
  let wanted = count;
  yield* arrival(recording, range.from ?? recording.log.start, progress);
  yield* arrival(recording, range.until, progress);
  const listener = open().listen(true);
  const segments = segmentsOf(recording, range, recording.at(range.until));
  for (const [index, segment] of [...segments.entries()].reverse()) {
    if (isRuledOut(listener, segment)) continue;
    const reading = open();
    yield* arrival(recording, segment.before.position, progress);
    const from = recording.at(segment.before.position);
    const finds = findsFrom(recording, reading.listen(index === 0), from, segment.after?.position, { progress });
    wanted -= yield* lastOf(rowsOf(reading, finds), wanted);
    if (wanted === 0) return;
  }
}

/**
 * The last ones of all rows, the last first, once they are all there; nothing meanwhile, so that the host has turns.
 * Answers how many.
 */
export function* lastOf<Row>(some: Iterable<readonly Row[]>, count = 1): Generator<readonly Row[], number> {
  let last: readonly Row[] = [];
  for (const rows of some) {
    if (rows.length > 0) last = [...last, ...rows].slice(-count);
    yield [];
  }
  if (last.length > 0) yield last.toReversed();
  return last.length;
}

/** Rows of what is found, as few or as many at a time. */
export function* rowsOf<Row>(
  reading: Reading<Row>,
  finds: Iterable<readonly unknown[]>,
): Generator<readonly Row[], void> {
  const rows = new RowsOf(reading);
  try {
    for (const some of finds) yield* rows.of(some);
    yield* rows.end();
  } finally {
    rows.leave();
  }
}
