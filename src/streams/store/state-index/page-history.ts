/** How the pages of RAM, or of a disk, changed from state to state: which version of a page each state has. */
import { FOUND, type PageChange } from "./directory.js";

/** A page as it was from one state on. The object stands for it, whether its bytes were read or not. */
export interface PageVersion {
  readonly page: number;
  /** As in the directory; never `absent`. */
  readonly found: number;
}

/** Columns: few of a long recording's versions are ever looked at, and an object is made of those alone. */
export class PageHistory<Version extends PageVersion> {
  /** By page: the place in `bounds`. */
  private readonly places = new Map<number, number>();
  /** Where the changes of a page begin in the columns below; those of the next one follow. */
  private readonly bounds: Uint32Array;
  /** The state from which on the page is so. Ascends within a page. */
  private readonly since: Uint32Array;
  private readonly found: Uint32Array;
  private readonly versions: (Version | undefined)[];

  /** `changes`: for each state, those since the one before. */
  constructor(
    changes: readonly (readonly PageChange[])[],
    private readonly make: (change: PageChange) => Version,
  ) {
    const counts: number[] = [];
    for (const { page } of changes.flat()) {
      const place = this.places.get(page) ?? counts.push(0) - 1;
      this.places.set(page, place);
      counts[place] = (counts[place] ?? 0) + 1;
    }
    this.bounds = new Uint32Array(counts.length + 1);
    counts.forEach((count, place) => {
      this.bounds[place + 1] = (this.bounds[place] ?? 0) + count;
    });
    const total = this.bounds[counts.length] ?? 0;
    this.since = new Uint32Array(total);
    this.found = new Uint32Array(total);
    this.versions = new Array<Version | undefined>(total).fill(undefined);
    const next = this.bounds.slice();
    changes.forEach((ofState, state) => {
      for (const { page, found } of ofState) {
        const place = this.places.get(page) ?? 0;
        const at = next[place] ?? 0;
        next[place] = at + 1;
        this.since[at] = state;
        this.found[at] = found;
      }
    });
  }

  /** Of a state; "start": it has not changed since the recording began; undefined: it is absent. */
  version(state: number, page: number): Version | undefined | "start" {
    const place = this.places.get(page);
    const at = place === undefined ? -1 : this.lastUpTo(state, place);
    return at < 0 ? "start" : this.versionAt(at, page);
  }

  /** All pages of a state that have changed since the recording began. */
  *changed(state: number): Generator<readonly [page: number, version: Version | undefined], void> {
    for (const [page, place] of this.places) {
      const at = this.lastUpTo(state, place);
      if (at >= 0) yield [page, this.versionAt(at, page)];
    }
  }

  private versionAt(at: number, page: number): Version | undefined {
    const found = this.found[at] ?? FOUND.absent;
    return found === FOUND.absent ? undefined : (this.versions[at] ??= this.make({ page, found }));
  }

  /** The last change up to a state; -1: there is none. */
  private lastUpTo(state: number, place: number): number {
    const first = this.bounds[place] ?? 0;
    let [low, high] = [first, this.bounds[place + 1] ?? first];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.since[middle] ?? 0) <= state) low = middle + 1;
      else high = middle;
    }
    return low === first ? -1 : low - 1;
  }
}
