/**
 * States that a replay left on its way, for later questions to go on from. They share the pages that did not change.
 *
 * They are spaced by what they cost, and thinned with the distance from where questions are asked, so that a recording
 * of any length has few of them in a bounded memory. Those of a file lie among them, and are read where they serve.
 * Which states are there changes how long an answer takes, and nothing else.
 */
import { RAM_PAGE_BYTES } from "../../machine/ram.js";
import type { MachineState } from "../../machine/state.js";
import type { PlainPosition } from "../../reducers/position.js";
import { StateIndexError, type IndexedState, type StateIndex } from "../store/state-index/index.js";
import { distanceAfter, LEAST_DISTANCE_INSNS } from "../store/state-spacing.js";
import type { Until } from "./until.js";

/** In memory. */
export const MAX_KEPT_STATES = 1024;
export const DEFAULT_KEPT_BYTES = 512 * 2 ** 20;

/** How far before a place that was asked for states are kept too: going back from there is what comes next. */
const NEAR_INSNS = [1_000, 8_000, 64_000, 512_000] as const;
/** What a state costs beside its pages. */
const STATE_BYTES = 16_384;
/** Reading a page from a file and checking it takes about as long as running so many instructions. */
const INSNS_A_READ_PAGE = 5_000;

/** A state that is there, in memory or in a file. */
export interface KeptState {
  readonly position: PlainPosition;
  /**
   * Stands for a page of RAM. The same object in two states shows that the page was not written in between; undefined,
   * a page of zeros, shows nothing.
   */
  version(page: number): object | undefined;
}

export const keptState = ({ position, ram }: MachineState): KeptState => ({
  position,
  version: (page) => ram.version(page),
});

export class KeptStates {
  /** By position. */
  private readonly entries: Entry[] = [];
  private bytes = 0;
  private inMemory = 0;

  /** `spacing`: how far it is to the next state, behind one for which so many pages are new. */
  constructor(
    private readonly maxBytes: number = DEFAULT_KEPT_BYTES,
    private readonly spacing: (pages: number) => number = distanceAfter,
  ) {}

  /** Of memory. */
  get usedBytes(): number {
    return this.bytes;
  }

  /** Those in which no instruction is under way, by position. */
  get wholeStates(): readonly KeptState[] {
    return this.entries.filter(({ isWhole }) => isWhole);
  }

  /** `isWhole`: no event stands at its icount, which an instruction might have waited for. */
  keep(state: MachineState, isWhole = true): void {
    const at = this.indexAfter(state.position);
    const before = this.entries[at - 1];
    if (before !== undefined && isSame(before.position, state.position)) return;
    this.entries.splice(at, 0, new Entry(state.position, isWhole));
    this.hold(at, state);
  }

  /**
   * From now on the states of a file are here too. `ignored` is told where one of them is damaged: then none is read
   * any more.
   */
  add(index: StateIndex, ignored: (fault: StateIndexError) => void): void {
    for (const stored of index.states) {
      const at = this.indexAfter(stored.position);
      const before = this.entries[at - 1];
      if (before !== undefined && isSame(before.position, stored.position)) continue;
      this.entries.splice(at, 0, new Entry(stored.position, stored.isWhole, { state: stored, ignored }));
    }
  }

  latest(isWanted: (position: PlainPosition) => boolean): MachineState | undefined {
    for (let at = this.entries.length - 1; at >= 0; at -= 1) {
      const entry = this.entries[at];
      if (entry === undefined || !isWanted(entry.position)) continue;
      const state = entry.state ?? (this.isWorthReading(at) ? this.read(at) : undefined);
      if (state !== undefined) return state;
    }
    return undefined;
  }

  /**
   * For a replay that goes to `untilIcount`: where it should stop next to leave a state; Infinity: nowhere. Never where
   * it stands.
   */
  nextIcount({ icount }: PlainPosition, untilIcount: number): number {
    const near = NEAR_INSNS.map((insns) => untilIcount - insns).filter(
      (place) => place > icount && this.entries[this.indexAtIcount(place)]?.position.icount !== place,
    );
    return Math.min(this.nextRegular(icount), ...near);
  }

  private nextRegular(icount: number): number {
    let place = icount;
    for (;;) {
      const behind = this.indexAtIcount(place + 1);
      const next = place + this.distanceAfter(behind - 1);
      // Another one on the way, or soon behind it, does as well.
      const following = this.entries[behind]?.position.icount ?? Infinity;
      if (following > next + LEAST_DISTANCE_INSNS / 2) return next;
      place = following;
    }
  }

  /** Whether going on from there saves more than reading it takes. */
  private isWorthReading(at: number): boolean {
    const { position, stored } = this.entries[at] ?? {};
    if (position === undefined || stored === undefined) return false;
    const before = this.entries[this.heldBefore(at)]?.position.icount ?? 0;
    return position.icount - before >= stored.state.unreadPages() * INSNS_A_READ_PAGE;
  }

  /** Undefined: it is damaged, and the file is let go. */
  private read(at: number): MachineState | undefined {
    const stored = this.entries[at]?.stored;
    if (stored === undefined) return undefined;
    try {
      const state = stored.state.load();
      this.hold(at, state);
      return state;
    } catch (fault) {
      if (!(fault instanceof StateIndexError)) throw fault;
      this.letGoOfFile();
      stored.ignored(fault);
      return undefined;
    }
  }

  /** What was read of it was checked, and stays. */
  private letGoOfFile(): void {
    const left = this.entries.filter(({ state }) => state !== undefined);
    for (const entry of left) entry.stored = undefined;
    this.entries.splice(0, this.entries.length, ...left);
  }

  private hold(at: number, state: MachineState): void {
    const entry = this.entries[at];
    if (entry === undefined) return;
    entry.state = state;
    this.inMemory += 1;
    this.weigh(at);
    this.weigh(this.heldAfter(at));
    while (this.inMemory > MAX_KEPT_STATES || (this.bytes > this.maxBytes && this.inMemory > 1)) {
      this.thin(state.position.icount);
    }
  }

  /** Takes the state out of memory that is missed least: its neighbours are close, for how far away they are. */
  private thin(focusIcount: number): void {
    const held = this.entries.flatMap(({ state }, at) => (state === undefined ? [] : [at]));
    const icountOf = (place: number): number => this.entries[held[place] ?? -1]?.position.icount ?? 0;
    let least = { score: Infinity, place: held.length - 1 };
    for (let place = 0; place < held.length; place += 1) {
      const icount = icountOf(place);
      if (icount === focusIcount) continue;
      const gap = (place + 1 < held.length ? icountOf(place + 1) : Infinity) - icountOf(place - 1);
      const score = (gap + 1) / (Math.abs(icount - focusIcount) + 1);
      if (score < least.score) least = { score, place };
    }
    this.drop(held[least.place] ?? 0);
  }

  private drop(at: number): void {
    const entry = this.entries[at];
    if (entry === undefined) return;
    this.bytes -= entry.bytes;
    this.inMemory -= 1;
    entry.bytes = 0;
    entry.state = undefined;
    const next = this.heldAfter(at);
    this.weigh(next);
    if (entry.stored === undefined) this.entries.splice(at, 1);
  }

  /** A guest that writes a lot has fewer states. What the first one holds was not written by it. */
  private distanceAfter(at: number): number {
    return this.spacing(at > 0 ? ((this.entries[at]?.bytes ?? 0) - STATE_BYTES) / RAM_PAGE_BYTES : 0);
  }

  private weigh(at: number): void {
    const entry = this.entries[at];
    if (entry?.state === undefined) return;
    this.bytes -= entry.bytes;
    entry.bytes = STATE_BYTES + RAM_PAGE_BYTES * newPages(entry.state, this.entries[this.heldBefore(at)]?.state);
    this.bytes += entry.bytes;
  }

  /** The index of the next state in memory before one; -1: there is none. */
  private heldBefore(at: number): number {
    let before = at - 1;
    while (before >= 0 && this.entries[before]?.state === undefined) before -= 1;
    return before;
  }

  private heldAfter(at: number): number {
    let after = at + 1;
    while (after < this.entries.length && this.entries[after]?.state === undefined) after += 1;
    return after;
  }

  /** The index of the first state behind a position. */
  private indexAfter({ seq, icount }: PlainPosition): number {
    return this.firstIndex(
      (position) => position.icount > icount || (position.icount === icount && position.seq > seq),
    );
  }

  /** The index of the first state at an icount, or behind it. */
  private indexAtIcount(icount: number): number {
    return this.firstIndex((position) => position.icount >= icount);
  }

  private firstIndex(isBehind: (position: PlainPosition) => boolean): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.entries[middle];
      if (entry !== undefined && isBehind(entry.position)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** In memory, in a file, or both. */
class Entry implements KeptState {
  state: MachineState | undefined;
  /** Of memory, for the pages that the state in memory before it does not have. */
  bytes = 0;

  constructor(
    readonly position: PlainPosition,
    readonly isWhole: boolean,
    public stored?: { readonly state: IndexedState; readonly ignored: (fault: StateIndexError) => void },
  ) {}

  version(page: number): object | undefined {
    return this.stored === undefined ? this.state?.ram.version(page) : this.stored.state.version(page);
  }
}

const isSame = (a: PlainPosition, b: PlainPosition): boolean => a.seq === b.seq && a.icount === b.icount;

function newPages({ ram }: MachineState, before: MachineState | undefined): number {
  let pages = 0;
  const all = before === undefined ? ram.pageIndices() : ram.difference(before.ram);
  for (const page of all) if (ram.page(page) !== undefined) pages += 1;
  return pages;
}

/** Whether a machine at a position has the place yet ahead of it. */
export const beforePosition = (until: Until | undefined): ((position: PlainPosition) => boolean) => {
  const { seq = Infinity, icount = Infinity } = typeof until === "number" ? { icount: until } : (until ?? {});
  if (seq === Infinity) return (position) => position.icount < icount;
  // Behind the event, but not yet at the icount.
  if (icount !== Infinity) return (position) => position.seq <= seq && position.icount <= icount;
  return (position) => position.seq < seq;
};
