/**
 * States that a replay left on its way, for later questions to go on from. They share the pages that did not change.
 *
 * They are spaced by what they cost, and thinned with the distance from where questions are asked, so that a recording
 * of any length has few of them in a bounded memory. Which states are there changes how long an answer takes, and
 * nothing else.
 */
import { RAM_PAGE_BYTES } from "../../machine/ram.js";
import type { MachineState } from "../../machine/state.js";
import type { PlainPosition } from "../../reducers/position.js";
import type { Until } from "./until.js";

export const MAX_KEPT_STATES = 1024;
export const DEFAULT_KEPT_BYTES = 512 * 2 ** 20;

/** Copying and digesting a page takes about as long as running so many instructions does at twenty times the price. */
const INSNS_A_PAGE = 15_000;
const LEAST_DISTANCE_INSNS = 5_000_000;
const MOST_DISTANCE_INSNS = 50_000_000;
/** How far before a place that was asked for states are kept too: going back from there is what comes next. */
const NEAR_INSNS = [1_000, 8_000, 64_000, 512_000] as const;
/** What a state costs beside its pages. */
const STATE_BYTES = 16_384;

interface Kept {
  readonly state: MachineState;
  readonly isWhole: boolean;
  /** Of the pages that the state before it does not have. */
  bytes: number;
}

export class KeptStates {
  /** By position. */
  private readonly kept: Kept[] = [];
  private bytes = 0;

  constructor(private readonly maxBytes: number = DEFAULT_KEPT_BYTES) {}

  get usedBytes(): number {
    return this.bytes;
  }

  /** Those in which no instruction is under way, by position. */
  get wholeStates(): readonly MachineState[] {
    return this.kept.filter(({ isWhole }) => isWhole).map(({ state }) => state);
  }

  /** `isWhole`: no event stands at its icount, which an instruction might have waited for. */
  keep(state: MachineState, isWhole = true): void {
    const at = this.indexAfter(state.position);
    const before = this.kept[at - 1];
    if (before !== undefined && isSame(before.state.position, state.position)) return;
    this.kept.splice(at, 0, { state, isWhole, bytes: 0 });
    this.weigh(at);
    this.weigh(at + 1);
    while (this.kept.length > MAX_KEPT_STATES || (this.bytes > this.maxBytes && this.kept.length > 1)) {
      this.thin(state.position.icount);
    }
  }

  latest(isWanted: (position: PlainPosition) => boolean): MachineState | undefined {
    for (let at = this.kept.length - 1; at >= 0; at -= 1) {
      const state = this.kept[at]?.state;
      if (state !== undefined && isWanted(state.position)) return state;
    }
    return undefined;
  }

  /**
   * For a replay that goes to `untilIcount`: where it should stop next to leave a state; Infinity: nowhere. Never where
   * it stands.
   */
  nextIcount({ icount }: PlainPosition, untilIcount: number): number {
    const near = NEAR_INSNS.map((insns) => untilIcount - insns).filter(
      (place) => place > icount && this.kept[this.indexAtIcount(place)]?.state.position.icount !== place,
    );
    return Math.min(this.nextRegular(icount), ...near);
  }

  private nextRegular(icount: number): number {
    let place = icount;
    for (;;) {
      const behind = this.indexAtIcount(place + 1);
      const next = place + this.distanceAfter(behind - 1);
      // Another one on the way, or soon behind it, does as well.
      const following = this.kept[behind]?.state.position.icount ?? Infinity;
      if (following > next + LEAST_DISTANCE_INSNS / 2) return next;
      place = following;
    }
  }

  /** Takes the state away that is missed least: its neighbours are close, for how far away they are. */
  private thin(focusIcount: number): void {
    let least = { score: Infinity, at: this.kept.length - 1 };
    for (let at = 0; at < this.kept.length; at += 1) {
      const icount = this.icountOf(at);
      if (icount === focusIcount) continue;
      const gap = (at + 1 < this.kept.length ? this.icountOf(at + 1) : Infinity) - (at > 0 ? this.icountOf(at - 1) : 0);
      const score = (gap + 1) / (Math.abs(icount - focusIcount) + 1);
      if (score < least.score) least = { score, at };
    }
    const [gone] = this.kept.splice(least.at, 1);
    this.bytes -= gone?.bytes ?? 0;
    this.weigh(least.at);
  }

  /** A guest that writes a lot has fewer states. What the first one holds was not written by it. */
  private distanceAfter(at: number): number {
    const pages = at > 0 ? ((this.kept[at]?.bytes ?? 0) - STATE_BYTES) / RAM_PAGE_BYTES : 0;
    return Math.min(Math.max(LEAST_DISTANCE_INSNS, pages * INSNS_A_PAGE), MOST_DISTANCE_INSNS);
  }

  private icountOf(at: number): number {
    return this.kept[at]?.state.position.icount ?? 0;
  }

  private weigh(at: number): void {
    const kept = this.kept[at];
    if (kept === undefined) return;
    this.bytes -= kept.bytes;
    kept.bytes = STATE_BYTES + RAM_PAGE_BYTES * newPages(kept.state, this.kept[at - 1]?.state);
    this.bytes += kept.bytes;
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
    let high = this.kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const kept = this.kept[middle];
      if (kept !== undefined && isBehind(kept.state.position)) high = middle;
      else low = middle + 1;
    }
    return low;
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
