/** Rows as marks on an axis of time: one each while they are few, one a stretch of time where they are many. */

/** What is drawn of a row. */
export interface Marked {
  readonly ns: bigint;
  readonly label: string;
}

/** One row, or all of a stretch. */
export interface Mark {
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  readonly count: number;
  /** Of the row that came first. */
  readonly label: string;
}

/** Of a lane. At it, stretches get twice as long. */
export const MAX_MARKS = 256;

/** Takes any number of rows, in any order. */
export class Marks {
  private stretchNs = 1n;
  private byStretch = new Map<bigint, Mark>();
  /** Of rows. */
  count = 0;

  add({ ns, label }: Marked): void {
    this.count += 1;
    this.put({ firstNs: ns, lastNs: ns, count: 1, label });
    while (this.byStretch.size > MAX_MARKS) {
      this.stretchNs *= 2n;
      const narrower = this.byStretch;
      this.byStretch = new Map();
      for (const mark of narrower.values()) this.put(mark);
    }
  }

  /** By time. */
  get all(): readonly Mark[] {
    return [...this.byStretch.values()].sort((a, b) => (a.firstNs < b.firstNs ? -1 : 1));
  }

  private put(mark: Mark): void {
    const stretch = mark.firstNs / this.stretchNs;
    const there = this.byStretch.get(stretch);
    this.byStretch.set(stretch, there === undefined ? mark : together(there, mark));
  }
}

function together(a: Mark, b: Mark): Mark {
  const [first, other] = b.firstNs < a.firstNs ? [b, a] : [a, b];
  return {
    firstNs: first.firstNs,
    lastNs: other.lastNs > first.lastNs ? other.lastNs : first.lastNs,
    count: a.count + b.count,
    label: first.label,
  };
}
