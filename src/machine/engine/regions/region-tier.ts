/** Regions: made in batches where code is hot, of all executed code around, and larger where control leaves them. */
import type { CodeSpot } from "../compiled/code-places.js";
import { distanceOf, offsetInPage } from "../compiled/compilable.js";
import type { ExecutedPage } from "../compiled/executed-code.js";
import type { CompiledCode } from "../compiled/installed-code.js";
import { PlaceCounts } from "../compiled/place-counts.js";
import type { TierParts } from "../compiled/tier-parts.js";
import { HANDLER, PAGE_BYTES } from "../layout.js";
import { findBlocks, type Block } from "./control-flow-graph.js";
import { MappedCode, RegionPages } from "./mapped-code.js";
import { regionFunction, type RegionFunction } from "./region-function.js";

const FEW_PAGES = 4;
/** Repeated arrivals at an entry from outside its region ask for a larger region, but only so many times. */
export const MAX_COMPILATIONS = 4;

export interface RegionOptions {
  /** Regions compiled together in one module. */
  readonly batch: number;
  /** In a region compiled for another slot, the arrivals that make an instruction an entry too. */
  readonly warmth: number;
  /** Arrivals at an entry from outside its region before they count as heat for a larger region. */
  readonly cooling: number;
  /** Also compiles code that was never executed. Otherwise only executed code is worth it. */
  readonly speculative: boolean;
  /** Only what traces have is compiled: where there are traces, other code is cold. */
  readonly traced: boolean;
}

interface Pending {
  readonly id: number;
  readonly code: CompiledCode;
  /** It was made because control kept arriving at an entry. It takes over the entries of earlier regions. */
  readonly merges: boolean;
  readonly body: RegionFunction["body"];
}

export class RegionTier {
  private readonly hot: CodeSpot[] = [];
  /** How often heat at a place led to compiling from there. */
  private readonly compilations = new PlaceCounts();

  constructor(
    private readonly parts: TierParts,
    private readonly options: RegionOptions,
  ) {}

  /** Control arrived here often enough. The second report compiles what waits for a batch at once. */
  noteHot(spot: CodeSpot): void {
    const isWaiting = this.hot.some(({ codePage, offset }) => codePage === spot.codePage && offset === spot.offset);
    if (!isWaiting) {
      if (this.compilations.of(spot) >= (this.options.speculative ? 1 : MAX_COMPILATIONS)) return;
      this.compilations.add(spot);
      this.hot.push(spot);
    }
    if (isWaiting || this.hot.length >= this.options.batch) this.compile();
  }

  /** Time is spent in traces here. */
  noteSampled(spot: CodeSpot): void {
    this.noteHot(spot);
    this.compile();
  }

  /** Time is spent in the regions of this page. Where control enters one again and again, it must be larger. */
  noteEntered(codePage: number): void {
    const { places, installed } = this.parts;
    for (const id of installed.idsOn(codePage)) {
      if (installed.kindOf(id) !== "region") continue;
      for (const spot of installed.entriesOf(id)) {
        if (places.codeAt(spot) !== id || places.heat(spot) < this.options.warmth) continue;
        this.noteHot(spot);
        this.compile();
        return;
      }
    }
  }

  /** The code of this page is other code now. */
  forgetPage(codePage: number): void {
    this.compilations.forgetPage(codePage);
  }

  /** What was made here does not count: it relied on something that no longer holds. */
  forgive(spot: CodeSpot): void {
    this.compilations.forget(spot);
  }

  private compile(): void {
    const { memory, installed, modules, dropAll } = this.parts;
    const spots = this.hot.splice(0);
    if (!installed.hasRoomFor(spots.length)) dropAll();
    const mapped = new MappedCode(memory);
    // Little code is hot, so one region should include all places that control comes to.
    const hotPages = [...new Set(spots.map(({ codePage }) => codePage))];
    const companions = hotPages.length <= FEW_PAGES ? hotPages : [];
    const pending: Pending[] = [];
    for (const spot of spots) {
      const isCovered = pending.some(({ code }) =>
        code.entries.some(({ codePage, offset }) => codePage === spot.codePage && offset === spot.offset),
      );
      if (!isCovered) pending.push(...this.prepare([spot, ...spots], mapped, companions));
    }
    const made = modules.make(pending.map(({ id, body }) => [id, body]));
    for (const { id, code, merges } of pending) this.install(id, code, made(id), merges);
  }

  /** A region from the first of these places, with the others as entries where it includes them. */
  private prepare(
    [spot, ...hot]: readonly [CodeSpot, ...CodeSpot[]],
    mapped: MappedCode,
    companions: readonly number[],
  ): Pending[] {
    const { places, installed, executed, split, directRamFor } = this.parts;
    if (executed.page(spot.codePage) === undefined) return [];
    // A region compiled in the meantime may begin here too.
    const merges = this.isEntry(spot);
    if (merges && places.heat(spot) < this.options.warmth) return [];
    const reached = new RegionPages(spot.codePage, mapped);
    const pagesOfEntries = [spot.codePage, ...companions];
    const others = hot.filter(({ codePage }) => pagesOfEntries.includes(codePage));
    const warm = pagesOfEntries.flatMap((codePage) => this.warmSpots(codePage, merges));
    const spots = [spot, ...(this.options.speculative ? [] : others), ...warm];
    const wanted = [...new Set(spots.flatMap(({ codePage, offset }) => reached.offsetOf(codePage, offset) ?? []))];
    const page = (codePage: number): ExecutedPage | undefined =>
      this.options.traced && executed.isTraced(codePage) ? executed.tracedPage(codePage) : executed.page(codePage);
    const blocks = findBlocks((distance) => {
      const codePage = reached.at(distance);
      return codePage === undefined ? undefined : page(codePage);
    }, wanted);
    if (!blocks.has(spot.offset)) return [];
    const entries = [...new Set([...wanted.filter((offset) => blocks.has(offset)), ...returnPoints(blocks)])];
    entries.sort((a, b) => a - b);
    const distances = [...new Set([...blocks.keys()].map(distanceOf))].sort((a, b) => a - b);
    const pages = distances.flatMap((distance) => {
      const codePage = reached.at(distance);
      if (codePage === undefined) return [];
      const first = { codePage, offset: 0 };
      return [{ distance, code: places.slotOf(first), regions: places.codeWordOf(first) }];
    });
    const id = installed.newId();
    const place = (offset: number): CodeSpot => ({
      codePage: reached.at(distanceOf(offset)) ?? spot.codePage,
      offset: offsetInPage(offset),
    });
    const isSplit = (offset: number): boolean => split.isSplit(places.slotOf(place(offset)));
    const codePages = distances.map((distance) => place(distance * PAGE_BYTES).codePage);
    const directRam = directRamFor(codePages);
    const { dispatch } = this.parts.modules;
    const compiled = regionFunction({ id, blocks, entries, pages, isSplit, directRam, dispatch });
    const words = [...blocks.values()].flatMap((block) =>
      block.instructions.flatMap(({ offset, decoded: { raw } }) => [places.slotOf(place(offset)), raw]),
    );
    const code: CompiledCode = {
      kind: "region",
      codePages,
      entries: compiled.entries.map(place),
      words: Uint32Array.from(words),
    };
    return [{ id, code, merges, body: compiled.body }];
  }

  /** `merges`: it takes over the entries of earlier regions. */
  install(id: number, code: CompiledCode, exported: unknown, merges: boolean): void {
    const { places, installed, remove } = this.parts;
    const former = new Set<number>();
    const replaces = (other: number): boolean => merges || installed.kindOf(other) === "trace";
    for (const taken of installed.install(id, code, exported, replaces)) {
      if (taken.former !== 0) former.add(taken.former);
      // From now on, arrivals here come from outside the region.
      places.setHeat(taken.spot, -this.options.cooling);
    }
    for (const other of former) if (!installed.isReachable(other)) remove(other);
  }

  private isEntry(spot: CodeSpot): boolean {
    const { places, installed } = this.parts;
    return places.handlerAt(spot) === HANDLER.region && installed.kindOf(places.codeAt(spot)) === "region";
  }

  /** The targets of indirect jumps and returns on a page. A region that has them as entries need not be left. */
  private warmSpots(codePage: number, merges: boolean): CodeSpot[] {
    if (this.options.speculative) return [];
    const isWarm = (spot: CodeSpot): boolean =>
      this.parts.places.heat(spot) >= this.options.warmth || (merges && this.isEntry(spot));
    return [...this.parts.places.spotsOf(codePage)].filter(isWarm);
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
