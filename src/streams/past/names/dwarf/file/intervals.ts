/** Address ranges that may overlap, found by an address within. */

export interface Interval {
  readonly start: bigint;
  /** The first address behind it. */
  readonly end: bigint;
}

export class Intervals<T extends Interval> {
  /** By start. */
  private readonly sorted: readonly T[];
  /** The furthest end of those up to each. */
  private readonly reaches: readonly bigint[];

  constructor(intervals: readonly T[]) {
    this.sorted = [...intervals].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
    let reach = 0n;
    this.reaches = this.sorted.map(({ end }) => (reach = end > reach ? end : reach));
  }

  /** By start. */
  all(): readonly T[] {
    return this.sorted;
  }

  /** Those that contain an address; the one that begins last is the first. */
  *containing(address: bigint): Generator<T> {
    for (let index = this.lastStart(address); index >= 0 && address < this.reaches[index]!; index--) {
      const interval = this.sorted[index]!;
      if (address < interval.end) yield interval;
    }
  }

  find(address: bigint): T | undefined {
    for (const interval of this.containing(address)) return interval;
    return undefined;
  }

  private lastStart(address: bigint): number {
    let low = 0;
    let high = this.sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sorted[middle]!.start <= address) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
