/** The pages of a region: where the hart sees them, and whether each is where it was when the region was compiled. */
import type { Assembler, Local } from "../../wasm/assembler.js";
import { CONTROL, FETCH_TLB, PAGE_BYTES } from "../layout.js";
import { tlbEntry } from "../tlb.js";
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
  private readonly present: ReadonlyMap<number, Local>;

  /** `pageVa` holds the virtual address of the entry's page. `find` changes it to that of the first page. */
  constructor(
    private readonly asm: Assembler,
    private readonly pageVa: Local,
    private readonly pages: readonly RegionPage[],
  ) {
    this.present = new Map(pages.length > 1 ? pages.map(({ distance }) => [distance, asm.local("i32")]) : []);
  }

  /** Leaves the virtual address of one of the region's pages. */
  address(distance: number): void {
    this.asm.get(this.pageVa);
    if (distance === 0) return;
    this.asm.i64(BigInt(distance * PAGE_BYTES));
    this.asm.op("i64.add");
  }

  /**
   * Checks whether a page is absent, if that is not known from the page `from`. `act` finds the result on the stack.
   */
  ifAbsent(distance: number, from: number, act: () => void): void {
    const local = this.present.get(distance);
    if (local === undefined || distance === from) return;
    this.asm.get(local);
    this.asm.op("i32.eqz");
    act();
  }

  /** Computes the first page's address from the entry's page, then which pages are at their places. */
  find(entered: Local, entries: readonly number[]): void {
    const { asm } = this;
    if (this.present.size === 0) return;
    let before = 0;
    entries.forEach((offset, entry) => {
      const distance = distanceOf(offset);
      if (distance === before) return;
      // Entries are in order, so the sum is the distance of the last page that one of them may be in.
      const step = (): void => {
        this.address(before - distance);
        asm.set(this.pageVa);
      };
      if (entry === 0) step();
      else {
        asm.get(entered);
        asm.i32(entry);
        asm.op("i32.ge_u");
        asm.if(step);
      }
      before = distance;
    });
    for (const { distance, code } of this.pages) {
      const present = this.present.get(distance);
      if (present === undefined) continue;
      const address = (): void => {
        this.address(distance);
      };
      tlbEntry(asm, address);
      asm.tee(present);
      asm.memory("i64.load", FETCH_TLB);
      address();
      asm.i32(0);
      asm.memory("i64.load", CONTROL.fetchContext);
      asm.op("i64.or");
      asm.op("i64.eq");
      asm.get(present);
      asm.memory("i32.load", FETCH_TLB + 8);
      asm.i32(code);
      asm.op("i32.eq");
      asm.op("i32.and");
      asm.set(present);
    }
  }
}
