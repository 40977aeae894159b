/**
 * What becomes of code that is hot. It is interpreted at first. Where control comes often, the way that it takes is
 * compiled as a trace, which is cheap. Where time is spent in traces, a region of all code around is compiled: it runs
 * faster, and takes V8 long.
 */
import { CodePlaces, type CodeSpot } from "./compiled/code-places.js";
import { CompiledModules, type ModuleCounts } from "./compiled/compiled-modules.js";
import type { WayOut } from "./compiled/code-protocol.js";
import { ExecutedCode, type ExecutedCodeOptions } from "./compiled/executed-code.js";
import { InstalledCode, type CompiledCode, type InstalledLimits } from "./compiled/installed-code.js";
import { ShelvedCode } from "./compiled/shelved-code.js";
import { SplitAccesses } from "./compiled/split-accesses.js";
import type { TierParts } from "./compiled/tier-parts.js";
import { counterOf } from "./counters.js";
import type { EngineMemory } from "./engine-memory.js";
import { CODE_PAGE_BYTES, CONTROL, SLOT, X_BASE, type Layout } from "./layout.js";
import { RegionTier, type RegionOptions } from "./regions/region-tier.js";
import type { TraceCompilerExports } from "./traces/compiler-functions.js";
import { TraceTier } from "./traces/trace-tier.js";

/** A page that is written repeatedly while it runs stays with the interpreter. */
export const MAX_DROPS = 16;
/**
 * Pages are reused for other code. After this many drops per page of the pool, pages with many drops are compiled
 * again.
 */
const FORGIVING_DROPS = 2;

export interface HotCodeOptions extends RegionOptions, ExecutedCodeOptions, InstalledLimits {
  readonly decodeSlot: (slot: number) => void;
  /** The functions by which code goes on to other code; undefined: it goes back to the interpreter. */
  readonly waysOut?: (() => Readonly<Record<WayOut, CallableFunction>>) | undefined;
  /** Undefined: no traces are made. They need `waysOut`. */
  readonly traceCompiler?: (() => TraceCompilerExports) | undefined;
  /** Arrivals at a place before it is reported as hot. */
  readonly hotThreshold: number;
  /** Samples of compiled code on a page before it is worth regions, or larger ones. */
  readonly samples: number;
  /** A program of fewer instructions is small: what is hot of it becomes regions at once. */
  readonly smallInsns: number;
  /** A clock, in ms, to measure compiling. */
  readonly nowMs: () => number;
}

/** Totals since the start, and present numbers. */
export interface CompiledCounts extends ModuleCounts {
  readonly dropped: number;
  /** Of those, they came back when memory was again what they had been compiled from. */
  readonly restored: number;
  readonly live: number;
  readonly modulesLive: number;
  readonly compileMs: number;
}

/** Arrivals in a small program, after those that would make a trace: by then, most that belongs to a region has run. */
const REGION_PATIENCE = 16_384;

export class HotCode {
  private readonly places: CodePlaces;
  private readonly installed: InstalledCode;
  private readonly modules: CompiledModules;
  private readonly executed: ExecutedCode;
  private readonly shelf: ShelvedCode;
  private readonly split: SplitAccesses;
  private readonly regions: RegionTier;
  private readonly traces: TraceTier | undefined;
  /** Code pages whose code was entered while addresses were translated. */
  private readonly translatedPages = new Set<number>();
  /** By page of memory, because a page may lose its code page and get another. */
  private readonly dropsOfPage = new Map<number, number>();
  private readonly samplesOfPage = new Map<number, number>();
  private drops = 0;
  private hasGrown = false;
  private counts = { dropped: 0, restored: 0, compileMs: 0 };

  constructor(
    private readonly memory: EngineMemory,
    private readonly options: HotCodeOptions,
  ) {
    this.places = new CodePlaces(memory);
    this.installed = new InstalledCode(this.places, options, options.decodeSlot);
    this.modules = new CompiledModules(memory, this.installed, options.waysOut);
    this.split = new SplitAccesses(memory);
    const executed = new ExecutedCode(memory, this.places, options);
    this.executed = executed;
    this.shelf = new ShelvedCode(this.places, executed, options.hotThreshold);
    const parts: TierParts = {
      memory,
      places: this.places,
      installed: this.installed,
      executed,
      modules: this.modules,
      split: this.split,
      directRamFor: (codePages) => this.directRamFor(codePages),
      remove: (id) => {
        this.remove(id);
      },
      dropAll: () => {
        this.dropAll();
      },
    };
    this.regions = new RegionTier(parts, options);
    this.traces =
      options.traceCompiler === undefined
        ? undefined
        : new TraceTier(parts, { ...options, compiler: options.traceCompiler });
  }

  get table(): WebAssembly.Table {
    return this.installed.table;
  }

  /** Control arrived at this slot often enough. Whether the interpreter must record where it goes now. */
  noteHot(slot: number): boolean {
    const spot = this.places.spotOf(slot);
    const owner = this.places.ownerOf(spot.codePage);
    if (owner === undefined || (this.dropsOfPage.get(owner) ?? 0) > MAX_DROPS) return false;
    return this.timed(() => {
      if (this.restore(spot) || this.shelf.arrived(spot)) return false;
      const isRegion = this.installed.kindOf(this.places.codeAt(spot)) === "region";
      if (this.traces !== undefined && !isRegion) {
        if (!this.isSmall) return this.traces.noteHot(spot);
        this.places.setHeat(spot, this.places.heat(spot) - REGION_PATIENCE);
      }
      this.regions.noteHot(spot);
      return false;
    });
  }

  /** A path was recorded, to its end or to the end of the run. */
  recorded(): void {
    if (this.traces === undefined || !this.traces.isRecording) return;
    const { traces } = this;
    this.timed(() => {
      traces.recorded();
    });
  }

  /** A sample: compiled code is before this slot. */
  noteStretch(slot: number): void {
    const spot = this.places.spotOf(slot);
    const isTrace = this.installed.kindOf(this.places.codeAt(spot)) === "trace";
    const samples = (this.samplesOfPage.get(spot.codePage) ?? 0) + 1;
    const enough = this.options.samples;
    this.samplesOfPage.set(spot.codePage, samples % enough);
    if (samples < enough) return;
    this.timed(() => {
      if (isTrace) this.regions.noteSampled(spot);
      else this.regions.noteEntered(spot.codePage);
    });
  }

  /** The code where the hart is relied on `directRam`, which no longer holds. */
  noteTranslated(): void {
    const spot = this.places.spotOfPc();
    if (spot === undefined) return;
    this.translatedPages.add(spot.codePage);
    this.remake(this.places.codeAt(spot));
  }

  /** The group of accesses that begins here lay in two pages. If it always does, its code is compiled again. */
  noteSplit(slot: number): void {
    const { view } = this.memory;
    const base = view.getBigUint64(X_BASE + view.getUint8(slot + SLOT.rs1), true);
    if (!this.split.note(slot, base)) return;
    for (const id of this.installed.idsOn(this.places.spotOf(slot).codePage)) this.remake(id);
  }

  statistics(): CompiledCounts {
    const { installed } = this;
    return { ...this.modules.statistics(), ...this.counts, live: installed.size, modulesLive: installed.modules };
  }

  /** For another machine. What there is, and what is known, stays. */
  countAnew(): void {
    this.hasGrown = !this.isSmall;
    this.modules.countAnew();
    this.counts = { dropped: 0, restored: 0, compileMs: 0 };
  }

  /** The code of this page changed (`isRewritten`), or the page is no longer decoded. */
  drop(codePage: number, { isRewritten = true } = {}): void {
    const gone = this.installed.idsOn(codePage).flatMap((id) => this.shelve(id) ?? []);
    this.installed.forgetPage(codePage);
    this.translatedPages.delete(codePage);
    if (isRewritten) this.countDrop(codePage);
    this.places.forgetPage(codePage);
    this.regions.forgetPage(codePage);
    this.traces?.forgetPage(codePage);
    this.executed.forgetPage(codePage);
    const first = this.places.slotOf({ codePage, offset: 0 });
    this.split.forget(first, first + CODE_PAGE_BYTES);
    for (const code of gone) this.shelf.await(code);
    this.shelf.awaitOn(codePage);
  }

  /** Whether so little code has run that regions of all that is hot cost less than what traces before them would. */
  private get isSmall(): boolean {
    this.hasGrown ||= counterOf(this.memory, "decoded") >= this.options.smallInsns;
    return !this.hasGrown;
  }

  private timed<Result>(act: () => Result): Result {
    const startMs = this.options.nowMs();
    const result = act();
    this.counts.compileMs += this.options.nowMs() - startMs;
    return result;
  }

  private directRamFor(codePages: readonly number[]): Layout | undefined {
    const isDirect = this.memory.word(CONTROL.directRam) !== 0n;
    return isDirect && !codePages.some((page) => this.translatedPages.has(page)) ? this.memory.layout : undefined;
  }

  private countDrop(codePage: number): void {
    const owner = this.places.ownerOf(codePage);
    if (owner === undefined) return;
    this.drops += 1;
    if (this.drops % (FORGIVING_DROPS * this.memory.layout.codePages) === 0) this.dropsOfPage.clear();
    this.dropsOfPage.set(owner, (this.dropsOfPage.get(owner) ?? 0) + 1);
  }

  /** Drops code so that heat can have it compiled again, with its counts reset. */
  private remake(id: number): void {
    for (const spot of this.remove(id)) {
      this.regions.forgive(spot);
      this.traces?.forgive(spot);
    }
  }

  /** Code that begins here comes back, if it was compiled from what is there now. */
  private restore(spot: CodeSpot): boolean {
    if (this.places.codeAt(spot) !== 0) return false;
    const shelved = this.shelf.take(spot);
    if (shelved === undefined) return false;
    const { id, code, exported } = shelved;
    if (code.kind === "region") this.regions.install(id, code, exported, false);
    else this.traces?.install(id, code, exported);
    this.counts.restored += 1;
    return true;
  }

  private shelve(id: number): CompiledCode | undefined {
    const taken = this.installed.takeOut(id);
    if (taken === undefined) return undefined;
    this.counts.dropped += 1;
    for (const gone of this.shelf.add({ id, ...taken })) this.installed.free(gone);
    return taken.code;
  }

  private remove(id: number): readonly CodeSpot[] {
    const entries = this.installed.remove(id)?.entries;
    if (entries !== undefined) this.counts.dropped += 1;
    return entries ?? [];
  }

  private dropAll(): void {
    for (const codePage of this.installed.pages) this.drop(codePage, { isRewritten: false });
    this.shelf.clear();
    this.dropsOfPage.clear();
    this.samplesOfPage.clear();
    this.translatedPages.clear();
    this.installed.startAnew();
    this.traces?.startAnew();
  }
}
