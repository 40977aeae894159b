/**
 * The accesses that are looked up one by one, because their group lies in two pages every time: a loop's stack frame,
 * for example. A group that walks through memory crosses a page now and then, each time elsewhere, and stays a group.
 */

import type { EngineMemory } from "../engine-memory.js";
import { SLOT_BYTES } from "../layout.js";

/** How much more often a group must cross at one place than elsewhere. */
const ENOUGH = 64;

interface Place {
  base: bigint;
  lead: number;
}

export class SplitAccesses {
  private readonly places = new Map<number, Place>();
  private readonly split = new Set<number>();

  constructor(private readonly memory: EngineMemory) {}

  isSplit(slot: number): boolean {
    return this.split.has(slot);
  }

  /** The group that begins at this slot, with this base, lay in two pages. Returns whether to split it from now on. */
  note(slot: number, base: bigint): boolean {
    const place = this.places.get(slot);
    if (place === undefined || place.lead === 0) {
      this.places.set(slot, { base, lead: 1 });
      return false;
    }
    place.lead += place.base === base ? 1 : -1;
    if (place.lead < ENOUGH) return false;
    this.places.delete(slot);
    this.split.add(slot);
    this.mark(slot, true);
    return true;
  }

  /** The slots from `start` to `end` now have other code. */
  forget(start: number, end: number): void {
    for (const slot of this.places.keys()) if (slot >= start && slot < end) this.places.delete(slot);
    for (const slot of this.split) {
      if (slot < start || slot >= end) continue;
      this.split.delete(slot);
      this.mark(slot, false);
    }
  }

  /** Where the trace compiler reads it. */
  private mark(slot: number, isSplit: boolean): void {
    const { view, layout } = this.memory;
    view.setUint8(layout.splitAccesses + (slot - layout.codePool) / SLOT_BYTES, Number(isSplit));
  }
}
