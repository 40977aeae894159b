/** Slices of a track must lie within each other. Where two overlap otherwise, the second gets a track of its own. */

/** Beside each other. What overlaps more has no slice. */
export const MAX_LANES = 16;

export class Lanes {
  /** Of each, when the slices end that are under way, the outermost first. */
  private readonly lanes: bigint[][] = [];

  /**
   * The number of the lane for a slice; undefined: none is free. Slices must come in the order of their beginnings;
   * those in which no other one lies (`isAlone`), in that of their ends.
   */
  laneFor(beginNs: bigint, endNs: bigint, isAlone = false): number | undefined {
    for (let index = 0; index < MAX_LANES; index += 1) {
      const lane = (this.lanes[index] ??= []);
      while (lane.length > 0 && (lane.at(-1) ?? 0n) <= beginNs) lane.pop();
      if (lane.length > 0 && (isAlone || endNs > (lane.at(-1) ?? 0n))) continue;
      lane.push(endNs);
      return index;
    }
    return undefined;
  }
}
