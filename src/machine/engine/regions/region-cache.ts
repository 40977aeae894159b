/** The existing regions. They are compiled in batches from hot code, and dropped when their code changes. */
import { encodingOf } from "../../isa/encodings.js";
import { ModuleBuilder } from "../../wasm/module-builder.js";
import type { EngineMemory } from "../engine-memory.js";
import {
  CODE_PAGE_BYTES,
  CONTROL,
  HANDLER,
  PAGE_BYTES,
  PAGE_FLAG,
  RAM_BASE,
  ROM_BASE,
  SLOT,
  SLOT_BYTES,
  X_BASE,
} from "../layout.js";
import { SplitAccesses } from "./split-accesses.js";
import { distanceOf, findBlocks, offsetInPage, type Block, type CodePage } from "./control-flow-graph.js";
import { MappedCode, RegionPages } from "./mapped-code.js";
import { regionFunction, type RegionFunction } from "./region-function.js";
import { REGION_SIGNATURE } from "./region-protocol.js";

/** V8 aborts the process, uncatchably, beyond some 32,000 live modules. All regions are dropped long before that. */
export const MAX_MODULES = 4000;
/** Their ids have 16 bits. */
export const MAX_REGIONS = 30_000;
/** A page that is written repeatedly while it runs stays with the interpreter. */
export const MAX_DROPS = 16;
/**
 * Pages are reused for other code. After this many drops per page of the pool, pages with many drops are compiled
 * again.
 */
const FORGIVING_DROPS = 2;
const FEW_PAGES = 4;
/** Repeated arrivals at an entry from outside its region ask for a larger region, but only so many times. */
export const MAX_COMPILATIONS = 4;
const BYTES_A_REGION_ENTRY = 4;
/** Room for so many from the start. */
const FIRST_REGIONS = 1024;

export interface RegionOptions {
  /** Regions compiled together in one module. */
  readonly batch: number;
  /** Modules compiled before all are dropped. */
  readonly maxModules: number;
  /** Regions compiled before all are dropped, one less than this: no region has the id 0. */
  readonly maxRegions: number;
  /** In a region compiled for another slot, the arrivals that make an instruction an entry too. */
  readonly warmth: number;
  /** Arrivals at an entry from outside its region before they count as heat for a larger region. */
  readonly cooling: number;
  /** Also compiles code that was never executed. Otherwise only executed code is worth it. */
  readonly speculative: boolean;
  readonly decodeSlot: (slot: number) => void;
  /** Whether arrivals at this address are probed, so that a region must be left before it. A physical address. */
  readonly isProbed: (address: number, raw: () => number) => boolean;
  /** A clock, in ms, to measure compiling. */
  readonly nowMs: () => number;
}

/** Totals since the start, and present numbers. */
export interface RegionCounts {
  readonly compiled: number;
  readonly dropped: number;
  readonly live: number;
  readonly modulesCompiled: number;
  readonly modulesLive: number;
  readonly moduleBytes: number;
  readonly compileMs: number;
}

interface HotSpot {
  readonly codePage: number;
  readonly offset: number;
}

interface Pending {
  readonly id: number;
  /** The code pages that the region is compiled from. */
  readonly codePages: readonly number[];
  readonly entries: readonly HotSpot[];
  /** It was made because control kept arriving at an entry. It takes over the entries of earlier regions. */
  readonly merges: boolean;
  readonly compiled: RegionFunction;
}

interface Region {
  readonly codePages: readonly number[];
  readonly entries: readonly HotSpot[];
}

export class RegionCache {
  readonly table: WebAssembly.Table;
  private readonly hot: HotSpot[] = [];
  private readonly regions = new Map<number, Region>();
  private readonly regionsOfPage = new Map<number, Set<number>>();
  /** By page of RAM, because a page may lose its code page and get another. */
  private readonly dropsOfPage = new Map<number, number>();
  /** How often heat at a slot led to compiling from there. */
  private readonly compilations = new Map<number, number>();
  private readonly split = new SplitAccesses();
  /** Code pages whose regions were entered while addresses were translated. */
  private readonly translatedPages = new Set<number>();
  private readonly freeIds: number[] = [];
  private nextId = 1;
  private modules = 0;
  private drops = 0;
  private readonly counts = { compiled: 0, dropped: 0, modulesCompiled: 0, moduleBytes: 0, compileMs: 0 };

  constructor(
    private readonly memory: EngineMemory,
    private readonly options: RegionOptions,
  ) {
    const { maxRegions } = options;
    this.table = new WebAssembly.Table({
      element: "anyfunc",
      initial: Math.min(FIRST_REGIONS, maxRegions),
      maximum: maxRegions,
    });
  }

  /** Control arrived at this slot often enough. The second report compiles what waits for a batch at once. */
  noteHot(slot: number): void {
    const { codePage, offset } = this.placeOf(slot);
    if ((this.dropsOfPage.get(this.ownerOf(codePage)) ?? 0) > MAX_DROPS) return;
    const isWaiting = this.hot.some((other) => other.codePage === codePage && other.offset === offset);
    if (!isWaiting) {
      const times = (this.compilations.get(slot) ?? 0) + 1;
      if (times > (this.options.speculative ? 1 : MAX_COMPILATIONS)) return;
      this.compilations.set(slot, times);
      this.hot.push({ codePage, offset });
    }
    if (isWaiting || this.hot.length >= this.options.batch) this.compile();
  }

  /** The region that begins here relied on `directRam`, which no longer holds. */
  noteTranslated(slot: number): void {
    const spot = this.placeOf(slot);
    this.translatedPages.add(spot.codePage);
    this.remake(this.regionAt(spot));
  }

  /** The group of accesses that begins here lay in two pages. If it always does, the region is compiled again. */
  noteSplit(slot: number): void {
    const { view } = this.memory;
    const base = view.getBigUint64(X_BASE + view.getUint8(slot + SLOT.rs1), true);
    if (!this.split.note(slot, base)) return;
    for (const id of this.regionsOfPage.get(this.placeOf(slot).codePage) ?? []) this.remake(id);
  }

  statistics(): RegionCounts {
    const { compiled, dropped } = this.counts;
    return { ...this.counts, live: compiled - dropped, modulesLive: this.modules };
  }

  /** The code of this page changed (`isRewritten`), or the page is no longer decoded. */
  drop(codePage: number, { isRewritten = true } = {}): void {
    const { view, layout } = this.memory;
    for (const id of this.regionsOfPage.get(codePage) ?? []) this.dropRegion(id);
    this.regionsOfPage.delete(codePage);
    this.translatedPages.delete(codePage);
    if (isRewritten) this.countDrop(codePage);
    const base = layout.codePool + codePage * CODE_PAGE_BYTES;
    for (let slot = base; slot < base + CODE_PAGE_BYTES; slot += SLOT_BYTES) {
      const index = (slot - layout.codePool) / SLOT_BYTES;
      if (view.getUint16(slot + SLOT.handler, true) === HANDLER.region) {
        view.setUint16(slot + SLOT.handler, HANDLER.undecoded, true);
      }
      view.setUint32(layout.slotRegions + index * BYTES_A_REGION_ENTRY, 0, true);
      view.setUint32(layout.slotHeat + index * BYTES_A_REGION_ENTRY, 0, true);
      this.compilations.delete(slot);
      this.split.forget(slot);
    }
    const owner = this.ownerOf(codePage);
    if (owner >= 0) {
      const at = layout.pageFlags + owner;
      view.setUint8(at, view.getUint8(at) & ~PAGE_FLAG.regions);
    }
  }

  private countDrop(codePage: number): void {
    const owner = this.ownerOf(codePage);
    if (owner < 0) return;
    this.drops += 1;
    if (this.drops % (FORGIVING_DROPS * this.memory.layout.codePages) === 0) this.dropsOfPage.clear();
    this.dropsOfPage.set(owner, (this.dropsOfPage.get(owner) ?? 0) + 1);
  }

  /** The page that a code page belongs to; -1: none. */
  private ownerOf(codePage: number): number {
    const { view, layout } = this.memory;
    return view.getUint32(layout.codeOwners + codePage * 4, true) - 1;
  }

  private compile(): void {
    const startMs = this.options.nowMs();
    this.compileWaiting();
    this.counts.compileMs += this.options.nowMs() - startMs;
  }

  private compileWaiting(): void {
    const spots = this.hot.splice(0);
    const { maxModules, maxRegions } = this.options;
    if (this.modules >= maxModules || this.nextId + spots.length > maxRegions) this.dropAll();
    const mapped = new MappedCode(this.memory);
    // Little code is hot, so one region should include all places that control comes to.
    const hotPages = [...new Set(spots.map(({ codePage }) => codePage))];
    const companions = hotPages.length <= FEW_PAGES ? hotPages : [];
    const pending: Pending[] = [];
    for (const spot of spots) {
      const isCovered = pending.some(({ entries }) =>
        entries.some(({ codePage, offset }) => codePage === spot.codePage && offset === spot.offset),
      );
      if (!isCovered) pending.push(...this.prepare(spot, mapped, companions));
    }
    if (pending.length === 0) return;
    const builder = new ModuleBuilder();
    for (const { id, compiled } of pending) {
      builder.defineFunction(builder.declareFunction(REGION_SIGNATURE, String(id)), compiled.body);
    }
    const bytes = builder.build({ initialPages: this.memory.layout.wasmPages });
    const module = new WebAssembly.Module(bytes);
    const { exports } = new WebAssembly.Instance(module, { env: { memory: this.memory.wasm } });
    this.modules += 1;
    this.counts.modulesCompiled += 1;
    this.counts.moduleBytes += bytes.length;
    this.counts.compiled += pending.length;
    for (const region of pending) this.install(region, exports[String(region.id)]);
  }

  private prepare(spot: HotSpot, mapped: MappedCode, companions: readonly number[]): Pending[] {
    if (this.codePage(spot.codePage) === undefined) return [];
    // A region compiled in the meantime may begin here too.
    const merges = this.isEntry(spot);
    if (merges && this.heat(spot) < this.options.warmth) return [];
    const reached = new RegionPages(spot.codePage, mapped);
    const spots = [spot, ...[spot.codePage, ...companions].flatMap((codePage) => this.warmSpots(codePage, merges))];
    const wanted = [...new Set(spots.flatMap(({ codePage, offset }) => reached.offsetOf(codePage, offset) ?? []))];
    const blocks = findBlocks((distance) => {
      const codePage = reached.at(distance);
      return codePage === undefined ? undefined : this.codePage(codePage);
    }, wanted);
    if (!blocks.has(spot.offset)) return [];
    const entries = [...new Set([...wanted.filter((offset) => blocks.has(offset)), ...returnPoints(blocks)])];
    entries.sort((a, b) => a - b);
    const distances = [...new Set([...blocks.keys()].map(distanceOf))].sort((a, b) => a - b);
    const pages = distances.flatMap((distance) => {
      const codePage = reached.at(distance);
      if (codePage === undefined) return [];
      const regions = this.slotIndex(codePage, 0) * BYTES_A_REGION_ENTRY + this.memory.layout.slotRegions;
      return [{ distance, code: this.slotAddress(codePage, 0), regions }];
    });
    const id = this.freeIds.pop() ?? this.nextId++;
    const place = (offset: number): HotSpot => ({
      codePage: reached.at(distanceOf(offset)) ?? spot.codePage,
      offset: offsetInPage(offset),
    });
    const isSplit = (offset: number): boolean => {
      const { codePage, offset: inPage } = place(offset);
      return this.split.isSplit(this.slotAddress(codePage, inPage));
    };
    const codePages = distances.map((distance) => place(distance * PAGE_BYTES).codePage);
    const isDirect =
      this.memory.word(CONTROL.directRam) !== 0n && !codePages.some((page) => this.translatedPages.has(page));
    const directRam = isDirect ? this.memory.layout : undefined;
    const compiled = regionFunction({ id, blocks, entries, pages, isSplit, directRam });
    return [{ id, codePages, entries: compiled.entries.map(place), merges, compiled }];
  }

  private install({ id, codePages, entries, merges }: Pending, exported: unknown): void {
    const { view, layout } = this.memory;
    if (id >= this.table.length) this.table.grow(Math.min(id, this.options.maxRegions - this.table.length));
    this.table.set(id, exported);
    this.regions.set(id, { codePages, entries });
    for (const codePage of codePages) {
      this.regionsOfPage.set(codePage, (this.regionsOfPage.get(codePage) ?? new Set()).add(id));
      const at = layout.pageFlags + this.ownerOf(codePage);
      view.setUint8(at, view.getUint8(at) | PAGE_FLAG.regions);
    }
    const former = new Set<number>();
    entries.forEach(({ codePage, offset }, entry) => {
      const index = this.slotIndex(codePage, offset);
      const slot = this.slotAddress(codePage, offset);
      if (view.getUint16(slot + SLOT.handler, true) === HANDLER.undecoded) this.options.decodeSlot(slot);
      const handler = view.getUint16(slot + SLOT.handler, true);
      const region = layout.slotRegions + index * BYTES_A_REGION_ENTRY;
      if (handler === HANDLER.region) {
        if (!merges) return;
        former.add(view.getUint32(region, true) >>> 16);
      } else view.setUint16(layout.slotHandlers + index * 2, handler, true);
      view.setUint32(region, ((id << 16) | entry) >>> 0, true);
      view.setUint16(slot + SLOT.handler, HANDLER.region, true);
      // From now on, arrivals here come from outside the region.
      view.setInt32(layout.slotHeat + index * BYTES_A_REGION_ENTRY, -this.options.cooling, true);
    });
    for (const other of former) if (!this.hasEntries(other)) this.dropRegion(other);
  }

  /** Drops a region so that heat can have it compiled again, with its counts reset. */
  private remake(id: number): void {
    for (const { codePage, offset } of this.regions.get(id)?.entries ?? []) {
      this.compilations.delete(this.slotAddress(codePage, offset));
    }
    this.dropRegion(id);
  }

  /** Drops a region because one of its pages was dropped. Its slots on other pages get their old handlers. */
  private dropRegion(id: number): void {
    const { view, layout } = this.memory;
    const region = this.regions.get(id);
    if (region === undefined) return;
    for (const { codePage, offset } of region.entries) {
      const index = this.slotIndex(codePage, offset);
      const at = layout.slotRegions + index * BYTES_A_REGION_ENTRY;
      if (view.getUint32(at, true) >>> 16 !== id) continue;
      view.setUint32(at, 0, true);
      view.setUint32(layout.slotHeat + index * BYTES_A_REGION_ENTRY, 0, true);
      const handler = this.slotAddress(codePage, offset) + SLOT.handler;
      view.setUint16(handler, view.getUint16(layout.slotHandlers + index * 2, true), true);
    }
    for (const codePage of region.codePages) this.regionsOfPage.get(codePage)?.delete(id);
    this.regions.delete(id);
    this.counts.dropped += 1;
    this.table.set(id, null);
    this.freeIds.push(id);
  }

  private codePage(codePage: number): CodePage | undefined {
    const { view, layout } = this.memory;
    const owner = this.ownerOf(codePage);
    if (owner < 0) return undefined;
    const address = layout.ram + owner * PAGE_BYTES;
    const physical = owner < layout.ramPages ? RAM_BASE + owner * PAGE_BYTES : ROM_BASE + address - layout.rom;
    const { speculative, isProbed } = this.options;
    const rawAt = (offset: number): number => view.getInt32(address + offset, true);
    return {
      wasExecuted: (offset) =>
        (speculative || this.handlerAt(codePage, offset) !== HANDLER.undecoded) &&
        !isProbed(physical + offset, () => encodingOf(rawAt(offset))),
      rawAt,
    };
  }

  private hasEntries(id: number): boolean {
    return this.regions.get(id)?.entries.some((spot) => this.regionAt(spot) === id) ?? true;
  }

  /** The id of the region that begins there, or 0. */
  private regionAt({ codePage, offset }: HotSpot): number {
    const at = this.memory.layout.slotRegions + this.slotIndex(codePage, offset) * BYTES_A_REGION_ENTRY;
    return this.memory.view.getUint32(at, true) >>> 16;
  }

  private heat({ codePage, offset }: HotSpot): number {
    const at = this.memory.layout.slotHeat + this.slotIndex(codePage, offset) * BYTES_A_REGION_ENTRY;
    return this.memory.view.getInt32(at, true);
  }

  private isEntry({ codePage, offset }: HotSpot): boolean {
    return this.handlerAt(codePage, offset) === HANDLER.region;
  }

  private handlerAt(codePage: number, offset: number): number {
    return this.memory.view.getUint16(this.slotAddress(codePage, offset) + SLOT.handler, true);
  }

  /** The targets of indirect jumps and returns on a page. A region that has them as entries need not be left. */
  private warmSpots(codePage: number, merges: boolean): HotSpot[] {
    if (this.options.speculative) return [];
    const spots: HotSpot[] = [];
    for (let offset = 0; offset < PAGE_BYTES; offset += 2) {
      const spot = { codePage, offset };
      if (this.heat(spot) >= this.options.warmth || (merges && this.isEntry(spot))) spots.push(spot);
    }
    return spots;
  }

  private placeOf(slot: number): HotSpot {
    const { codePool } = this.memory.layout;
    const codePage = Math.floor((slot - codePool) / CODE_PAGE_BYTES);
    return { codePage, offset: ((slot - codePool - codePage * CODE_PAGE_BYTES) / SLOT_BYTES) * 2 };
  }

  private slotAddress(codePage: number, offset: number): number {
    return this.memory.layout.codePool + this.slotIndex(codePage, offset) * SLOT_BYTES;
  }

  private slotIndex(codePage: number, offset: number): number {
    return (codePage * CODE_PAGE_BYTES) / SLOT_BYTES + offset / 2;
  }

  private dropAll(): void {
    for (const codePage of [...this.regionsOfPage.keys()]) this.drop(codePage);
    this.dropsOfPage.clear();
    this.compilations.clear();
    this.translatedPages.clear();
    this.modules = 0;
    // All ids are free. Otherwise the limit, once reached, would be reached at every batch.
    this.freeIds.length = 0;
    this.nextId = 1;
  }
}

/** Where calls return to. */
const returnPoints = (blocks: ReadonlyMap<number, Block>): number[] =>
  [...blocks.values()].flatMap(({ instructions }) => {
    const last = instructions.at(-1);
    if (last === undefined) return [];
    const { name } = last.decoded.instruction;
    const isCall = (name === "jal" || name === "jalr") && last.decoded.rd !== 0;
    const next = last.offset + last.decoded.bytes;
    return isCall && blocks.has(next) ? [next] : [];
  });
