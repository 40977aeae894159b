/** Where the hart sees code pages now, by the fetch TLB. A region may include these besides its first page. */
import type { EngineMemory } from "../engine-memory.js";
import {
  CODE_PAGE_BYTES,
  CONTROL,
  FETCH_TLB,
  PAGE_BYTES,
  PAGE_SHIFT,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
} from "../layout.js";

/** Each call of a region checks that its pages are at their places, so it may have few. */
export const MAX_PAGES = 6;
/** 512 MiB: the span of a kernel's image, and of a program with its libraries. */
const MAX_DISTANCE = 1 << 17;

export class MappedCode {
  private readonly codePages = new Map<bigint, number>();
  private readonly addresses = new Map<number, bigint>();

  constructor(memory: EngineMemory) {
    const { view, layout } = memory;
    const context = Number(memory.word(CONTROL.fetchContext));
    for (let entry = FETCH_TLB; entry < FETCH_TLB + TLB_ENTRIES * TLB_ENTRY_BYTES; entry += TLB_ENTRY_BYTES) {
      if ((view.getUint32(entry, true) & (PAGE_BYTES - 1)) !== context) continue;
      const tag = view.getBigUint64(entry, true);
      const codePage = (view.getUint32(entry + 8, true) - layout.codePool) / CODE_PAGE_BYTES;
      this.codePages.set(tag >> BigInt(PAGE_SHIFT), codePage);
      this.addresses.set(codePage, tag >> BigInt(PAGE_SHIFT));
    }
  }

  /** The number of a virtual page that maps this code page. */
  virtualPage(codePage: number): bigint | undefined {
    return this.addresses.get(codePage);
  }

  codePage(virtualPage: bigint): number | undefined {
    return this.codePages.get(virtualPage);
  }
}

/** The pages of one region, by their distance from the first. They are added on demand, up to a limit. */
export class RegionPages {
  private readonly taken: Map<number, number>;
  private readonly first: bigint | undefined;

  constructor(
    codePage: number,
    private readonly mapped: MappedCode,
  ) {
    this.taken = new Map([[0, codePage]]);
    this.first = mapped.virtualPage(codePage);
  }

  at(distance: number): number | undefined {
    const taken = this.taken.get(distance);
    if (taken !== undefined || this.first === undefined || this.taken.size >= MAX_PAGES) return taken;
    if (Math.abs(distance) > MAX_DISTANCE) return undefined;
    const codePage = this.mapped.codePage(this.first + BigInt(distance));
    // A page seen at two addresses would have entries that belong to both.
    if (codePage === undefined || [...this.taken.values()].includes(codePage)) return undefined;
    this.taken.set(distance, codePage);
    return codePage;
  }

  /** The offset from the first page's start to a place on a code page; undefined: the region must not include it. */
  offsetOf(codePage: number, offsetInPage: number): number | undefined {
    for (const [distance, taken] of this.taken) {
      if (taken === codePage) return distance * PAGE_BYTES + offsetInPage;
    }
    const page = this.mapped.virtualPage(codePage);
    if (page === undefined || this.first === undefined) return undefined;
    const distance = Number(page - this.first);
    return this.at(distance) === codePage ? distance * PAGE_BYTES + offsetInPage : undefined;
  }
}
