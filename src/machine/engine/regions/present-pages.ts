/** The pages of a region: where the hart sees them, and whether each is where it was when the region was compiled. */
import type { Code, CompiledValues } from "../expressions/compiled-values.js";
import { FETCH_TLB, PAGE_BYTES } from "../layout.js";
import type { LocalVariable } from "../expressions/local-variable.js";
import { entryOf } from "../tlb.js";
import type { Word, Words } from "../expressions/words.js";
import { distanceOf } from "../compiled/compilable.js";

export interface RegionPage {
  /** The distance from the first page, in pages. */
  readonly distance: number;
  /** The address of its decoded slots. */
  readonly code: number;
  /** The address in `slotRegions` of its first slot. */
  readonly regions: number;
}

export class PresentPages {
  /** Keyed by a page's distance. It cannot change during a call. A region of one page needs none. */
  private readonly present: ReadonlyMap<number, LocalVariable>;

  /** `pageVa` holds the virtual address of the entry's page. `find` changes it to that of the first page. */
  constructor(
    private readonly w: Words,
    private readonly v: CompiledValues,
    private readonly pageVa: LocalVariable,
    private readonly pages: readonly RegionPage[],
  ) {
    this.present = new Map(pages.length > 1 ? pages.map(({ distance }) => [distance, w.variable()]) : []);
  }

  /** The virtual address of one of the region's pages. */
  address(distance: number): Code {
    const { v, pageVa } = this;
    return distance === 0 ? pageVa : v.add(pageVa, v.i64(BigInt(distance * PAGE_BYTES)));
  }

  /** Whether a page is absent. Undefined: it is not, because it is the page `from`, or the only one. */
  absent(distance: number, from: number): Word | undefined {
    const present = this.present.get(distance);
    return present === undefined || distance === from ? undefined : this.w.not(present);
  }

  /** Computes the first page's address from the entry's page, then which pages are at their places. */
  find(entered: Word, entries: readonly number[]): void {
    if (this.present.size === 0) return;
    const { w, pageVa } = this;
    let before = 0;
    entries.forEach((offset, entry) => {
      const distance = distanceOf(offset);
      if (distance === before) return;
      // Entries are in order, so the sum is the distance of the last page that one of them may be in.
      const step = (): void => {
        pageVa.set(this.address(before - distance));
      };
      if (entry === 0) step();
      else w.when(w.geU(entered, w.i32(entry)), step);
      before = distance;
    });
    for (const page of this.pages) this.findPage(page);
  }

  private findPage({ distance, code }: RegionPage): void {
    const { w, v } = this;
    const present = this.present.get(distance);
    if (present === undefined) return;
    const address = this.address(distance);
    const tag = w.load("i64.load", present.tee(entryOf(w.asm, address)), FETCH_TLB);
    const isMapped = v.eq(tag, v.or(address, v.control("fetchContext")));
    const hasCode = w.eq(w.load("i32.load", present, FETCH_TLB + 8), w.i32(code));
    present.set(w.and(isMapped, hasCode));
  }
}
