/** Ranges of physical memory, in order. */

/** Physical addresses. */
export interface MemoryRange {
  readonly address: number;
  readonly bytes: number;
}

/** Ranges that can be searched: in order, and without overlap. */
export class Ranges {
  private readonly starts: Float64Array;
  private readonly ends: Float64Array;

  constructor(ranges: readonly MemoryRange[]) {
    const merged: { start: number; end: number }[] = [];
    for (const { address, bytes } of [...ranges].sort((a, b) => a.address - b.address)) {
      const last = merged.at(-1);
      if (last !== undefined && address <= last.end) last.end = Math.max(last.end, address + bytes);
      else merged.push({ start: address, end: address + bytes });
    }
    this.starts = Float64Array.from(merged, ({ start }) => start);
    this.ends = Float64Array.from(merged, ({ end }) => end);
  }

  get isEmpty(): boolean {
    return this.starts.length === 0;
  }

  /** The first range that ends behind the address. */
  private after(address: number): number {
    const { ends } = this;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ends[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  overlaps(address: number, bytes: number): boolean {
    return (this.starts[this.after(address)] ?? Infinity) < address + bytes;
  }

  covers(address: number, bytes: number): boolean {
    const at = this.after(address);
    return (this.starts[at] ?? Infinity) <= address && (this.ends[at] ?? 0) >= address + bytes;
  }

  /** In order, and without overlap. */
  get all(): readonly MemoryRange[] {
    const { starts, ends } = this;
    return Array.from(starts, (start, at) => ({ address: start, bytes: (ends[at] ?? 0) - start }));
  }

  /** The parts of [address, address + bytes) that are in it. */
  *parts(address: number, bytes: number): Generator<MemoryRange> {
    const end = address + bytes;
    for (let at = this.after(address); (this.starts[at] ?? Infinity) < end; at += 1) {
      const from = Math.max(address, this.starts[at] ?? 0);
      yield { address: from, bytes: Math.min(end, this.ends[at] ?? 0) - from };
    }
  }

  *pages(pageBytes: number): Generator<number> {
    for (const [at, start] of this.starts.entries()) {
      const end = this.ends[at] ?? 0;
      for (let page = Math.floor(start / pageBytes); page * pageBytes < end; page += 1) yield page * pageBytes;
    }
  }
}
