/**
 * The compiled code that exists, of both kinds: regions and traces. It begins at slots, whose handler then says so, and
 * goes when a page that it was compiled from changes or is no longer decoded.
 */
import type { CodePlaces, CodeSpot } from "./code-places.js";
import { HANDLER } from "../layout.js";

/** V8 aborts the process, uncatchably, beyond some 32,000 live modules. All code is dropped long before that. */
export const MAX_MODULES = 4000;
/** Their ids have 16 bits. */
export const MAX_REGIONS = 30_000;
/** Room for so many from the start. */
const FIRST_ENTRIES = 1024;

export type CodeKind = "region" | "trace";

export interface CompiledCode {
  readonly kind: CodeKind;
  /** The code pages that it is compiled from. */
  readonly codePages: readonly number[];
  /** Where it begins, by the number of the entry. */
  readonly entries: readonly CodeSpot[];
  /** What it is compiled from: the slot and the encoding of each instruction. */
  readonly words: Uint32Array;
}

export interface InstalledLimits {
  /** Modules compiled before all code is dropped. */
  readonly maxModules: number;
  /** Pieces of code before all are dropped, one less than this: none has the id 0. */
  readonly maxRegions: number;
}

export class InstalledCode {
  /** By id. The interpreter and the code itself call through it. */
  readonly table: WebAssembly.Table;
  private readonly codes = new Map<number, CompiledCode>();
  private readonly idsOfPage = new Map<number, Set<number>>();
  private readonly freeIds: number[] = [];
  private nextId = 1;
  private moduleCount = 0;

  constructor(
    private readonly places: CodePlaces,
    private readonly limits: InstalledLimits,
    private readonly decodeSlot: (slot: number) => void,
  ) {
    const { maxRegions } = limits;
    this.table = new WebAssembly.Table({
      element: "anyfunc",
      initial: Math.min(FIRST_ENTRIES, maxRegions),
      maximum: maxRegions,
    });
  }

  get size(): number {
    return this.codes.size;
  }

  /** Modules since all code was dropped. V8 keeps one as long as any of its functions may be called. */
  get modules(): number {
    return this.moduleCount;
  }

  addModule(): void {
    this.moduleCount += 1;
  }

  /** Whether a module with so many more pieces fits. Otherwise all must be dropped first. */
  hasRoomFor(pieces: number): boolean {
    return this.moduleCount < this.limits.maxModules && this.nextId + pieces <= this.limits.maxRegions;
  }

  newId(): number {
    return this.freeIds.pop() ?? this.nextId++;
  }

  kindOf(id: number): CodeKind | undefined {
    return this.codes.get(id)?.kind;
  }

  entriesOf(id: number): readonly CodeSpot[] {
    return this.codes.get(id)?.entries ?? [];
  }

  idsOn(codePage: number): readonly number[] {
    return [...(this.idsOfPage.get(codePage) ?? [])];
  }

  get pages(): readonly number[] {
    return [...this.idsOfPage.keys()];
  }

  /**
   * Code begins at its entries from now on; where other code begins already, only if it `replaces` that. Returns the
   * entries that it took.
   */
  install(
    id: number,
    code: CompiledCode,
    exported: unknown,
    replaces: (other: number) => boolean,
  ): readonly { readonly spot: CodeSpot; readonly former: number }[] {
    const { places, table, limits } = this;
    if (id >= table.length) table.grow(Math.min(id, limits.maxRegions - table.length));
    table.set(id, exported);
    this.codes.set(id, code);
    for (const codePage of code.codePages) {
      this.idsOfPage.set(codePage, (this.idsOfPage.get(codePage) ?? new Set()).add(id));
      places.markCompiled(codePage, true);
    }
    return code.entries.flatMap((spot, entry) => {
      if (places.handlerAt(spot) === HANDLER.undecoded) this.decodeSlot(places.slotOf(spot));
      const handler = places.handlerAt(spot);
      const former = handler === HANDLER.region ? places.codeAt(spot) : 0;
      if (former !== 0 && !replaces(former)) return [];
      if (former === 0) places.setReplacedHandler(spot, handler);
      places.setCode(spot, id, entry);
      places.setHandler(spot, HANDLER.region);
      return [{ spot, former }];
    });
  }

  /** Whether it still begins anywhere. */
  isReachable(id: number): boolean {
    return this.codes.get(id)?.entries.some((spot) => this.places.codeAt(spot) === id) ?? true;
  }

  /** Its slots get their own handlers again, and its id is free. Returns what there was. */
  remove(id: number): CompiledCode | undefined {
    const taken = this.takeOut(id);
    if (taken !== undefined) this.free(id);
    return taken?.code;
  }

  /** The same, but its id stays its own: it may be installed again. */
  takeOut(id: number): { readonly code: CompiledCode; readonly exported: unknown } | undefined {
    const { places } = this;
    const code = this.codes.get(id);
    if (code === undefined) return undefined;
    for (const spot of code.entries) {
      if (places.codeAt(spot) !== id) continue;
      places.setCode(spot, 0, 0);
      places.setHeat(spot, 0);
      places.setHandler(spot, places.replacedHandler(spot));
    }
    for (const codePage of code.codePages) this.idsOfPage.get(codePage)?.delete(id);
    this.codes.delete(id);
    const exported: unknown = this.table.get(id);
    this.table.set(id, null);
    return { code, exported };
  }

  /** Nobody installs it again. */
  free(id: number): void {
    this.freeIds.push(id);
  }

  /** Nothing compiled includes this page any more. */
  forgetPage(codePage: number): void {
    this.idsOfPage.delete(codePage);
    this.places.markCompiled(codePage, false);
  }

  /** After all code was removed: all ids are free. Else the limit, once reached, would be reached at every batch. */
  startAnew(): void {
    this.moduleCount = 0;
    this.freeIds.length = 0;
    this.nextId = 1;
  }
}
