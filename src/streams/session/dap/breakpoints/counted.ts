/**
 * Which hit of a breakpoint a place is. In a recording that is known of every place, whichever way the machine comes
 * there; a machine without a past counts as it goes.
 */

import type { NewStopPoint } from "../../stop-points/stop-point.js";
import { allHits } from "../../stop-points/last-hit.js";
import { StopPoints } from "../../stop-points/stop-points.js";
import type { MonitorTarget } from "../../target/target.js";
import type { IsWanted } from "./hit-condition.js";

/** Of one breakpoint in a whole recording. */
export const MAX_COUNTED_HITS = 1 << 20;

export class CountedHits {
  private icounts: readonly number[] = [];
  /** Up to where they are known. */
  private knownTo = -1;
  /** What came behind that. */
  private counted = 0;

  constructor(
    private readonly isWanted: IsWanted,
    /** What is counted. */
    private readonly point: NewStopPoint,
  ) {}

  /** Looks at the whole recording, once, or where it has grown. False: there are too many to count. */
  async prepare({ past, lastIcount = 0 }: MonitorTarget): Promise<boolean> {
    if (past === undefined || this.knownTo >= lastIcount) return true;
    const points = new StopPoints();
    points.add(this.point);
    const hits = await past.rows(allHits(past.recording, points), MAX_COUNTED_HITS + 1);
    this.icounts = hits.map(({ position }) => position.icount);
    this.knownTo = lastIcount;
    this.counted = 0;
    return hits.length <= MAX_COUNTED_HITS;
  }

  isMet(icount: number): boolean {
    if (icount > this.knownTo) return this.isWanted(this.icounts.length + (this.counted += 1));
    return this.isWanted(numberOf(icount, this.icounts));
  }
}

/** How many are up to there. */
function numberOf(icount: number, sorted: readonly number[]): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= icount) low = middle + 1;
    else high = middle;
  }
  return low;
}
