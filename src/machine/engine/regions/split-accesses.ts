/**
 * Which accesses are looked up by themselves: their group lies in two pages every time, as a stack frame does that a
 * loop runs in. One that walks through memory crosses a page now and then, each time elsewhere, and stays in its group.
 */

/** How much more often at one place than anywhere else. */
const ENOUGH = 64;

interface Place {
  base: bigint;
  lead: number;
}

export class SplitAccesses {
  private readonly places = new Map<number, Place>();
  private readonly split = new Set<number>();

  isSplit(slot: number): boolean {
    return this.split.has(slot);
  }

  /** The group that begins at this slot lay in two pages, its base being this. Says whether it is to be split up from now on. */
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
    return true;
  }

  /** Other code lies there. */
  forget(slot: number): void {
    this.places.delete(slot);
    this.split.delete(slot);
  }
}
