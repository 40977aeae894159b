/** How the pages of RAM, or of a disk, changed from state to state: which version of a page each state has. */
import { FOUND, type PageChange } from "./directory.js";

/** A page as it was from one state on. The object stands for it, whether its bytes were read or not. */
export interface PageVersion {
  readonly page: number;
  /** As in the directory; never `absent`. */
  readonly found: number;
}

export class PageHistory<Version extends PageVersion> {
  private readonly byPage = new Map<number, { readonly since: number[]; readonly versions: (Version | undefined)[] }>();

  /** `changes`: for each state, those since the one before. */
  constructor(changes: Iterable<readonly PageChange[]>, make: (change: PageChange) => Version) {
    let state = 0;
    for (const ofState of changes) {
      for (const change of ofState) {
        let history = this.byPage.get(change.page);
        if (history === undefined) this.byPage.set(change.page, (history = { since: [], versions: [] }));
        history.since.push(state);
        history.versions.push(change.found === FOUND.absent ? undefined : make(change));
      }
      state += 1;
    }
  }

  /** Of a state; "start": it has not changed since the recording began; undefined: it is absent. */
  version(state: number, page: number): Version | undefined | "start" {
    const history = this.byPage.get(page);
    const at = history === undefined ? -1 : lastUpTo(history.since, state);
    return at < 0 ? "start" : history?.versions[at];
  }

  /** All pages of a state that have changed since the recording began. */
  *changed(state: number): Generator<readonly [page: number, version: Version | undefined], void> {
    for (const [page, { since, versions }] of this.byPage) {
      const at = lastUpTo(since, state);
      if (at >= 0) yield [page, versions[at]];
    }
  }
}

/** The index of the last number that is not greater; -1: there is none. `numbers` ascend. */
function lastUpTo(numbers: readonly number[], most: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) <= most) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
