/** How often a guest was interrupted and trapped, in equal parts of its run: what a density is drawn from. */

/** Of the whole run. What is looked at more closely is asked as rows. */
const PARTS = 1 << 16;

export class TrapHistogram {
  /** By cause. */
  private readonly counts = new Map<string, Uint32Array>();
  private readonly interrupts = new Set<string>();
  private insnsAPart: number;

  constructor(
    private readonly startIcount: number,
    endIcount: number,
  ) {
    this.insnsAPart = Math.max(1, endIcount - startIcount + 1) / PARTS;
  }

  add(cause: string, isInterrupt: boolean, icount: number): void {
    let counts = this.counts.get(cause);
    if (counts === undefined) {
      this.counts.set(cause, (counts = new Uint32Array(PARTS)));
      if (isInterrupt) this.interrupts.add(cause);
    }
    // A machine that runs comes to where nobody knew of.
    while (this.partOf(icount) >= PARTS) this.widen();
    const part = Math.floor(this.partOf(icount));
    counts[part] = (counts[part] ?? 0) + 1;
  }

  get causes(): readonly { readonly cause: string; readonly isInterrupt: boolean }[] {
    return [...this.counts.keys()].map((cause) => ({ cause, isInterrupt: this.interrupts.has(cause) }));
  }

  /** In buckets between icounts that rise, one more than there are buckets. A part counts where its middle is. */
  density(cause: string, bounds: readonly number[]): Uint32Array {
    const counts = this.counts.get(cause);
    return Uint32Array.from({ length: bounds.length - 1 }, (_, bucket) => {
      const first = Math.max(0, Math.ceil(this.partOf(bounds[bucket] ?? 0) - 0.5));
      const end = Math.min(PARTS, Math.ceil(this.partOf(bounds[bucket + 1] ?? 0) - 0.5));
      let sum = 0;
      for (let part = first; part < end; part += 1) sum += counts?.[part] ?? 0;
      return sum;
    });
  }

  /** Two parts become one. */
  private widen(): void {
    this.insnsAPart *= 2;
    for (const counts of this.counts.values()) {
      for (let part = 0; part < PARTS; part += 1) {
        counts[part] = 2 * part < PARTS ? (counts[2 * part] ?? 0) + (counts[2 * part + 1] ?? 0) : 0;
      }
    }
  }

  private partOf(icount: number): number {
    return (icount - this.startIcount) / this.insnsAPart;
  }
}
