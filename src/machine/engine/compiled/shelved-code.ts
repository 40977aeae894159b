/**
 * Compiled code whose page changed, or lost its decoded instructions. Memory often becomes again what the code was
 * compiled from: a program is loaded where it ran before, a state of the past is restored, a kernel is booted and
 * patched once more. Then the code is there, and V8 has optimised it.
 */
import type { CodePlaces, CodeSpot } from "./code-places.js";
import type { ExecutedCode } from "./executed-code.js";
import type { CompiledCode } from "./installed-code.js";

/** Pieces. The one that has waited longest goes first. */
export const MAX_SHELVED = 8192;

export interface Shelved {
  readonly id: number;
  readonly code: CompiledCode;
  readonly exported: unknown;
}

interface Kept extends Shelved {
  /** The pages of memory that its code pages mirrored. */
  readonly owners: readonly (number | undefined)[];
}

export class ShelvedCode {
  /** In the order in which they came. */
  private readonly kept = new Map<number, Kept>();
  private readonly idsAtSlot = new Map<number, Set<number>>();
  /** Slots with code, by code page. */
  private readonly slotsOfPage = new Map<number, Set<number>>();
  private readonly awaited = new Set<number>();

  constructor(
    private readonly places: CodePlaces,
    private readonly executed: ExecutedCode,
    /** An arrival at a slot with so much heat is reported. */
    private readonly reportedHeat: number,
  ) {}

  /** Called before its pages lose their owners. Returns the ids of those that went for it. */
  add(shelved: Shelved): readonly number[] {
    const { places } = this;
    const owners = shelved.code.codePages.map((codePage) => places.ownerOf(codePage));
    this.kept.set(shelved.id, { ...shelved, owners });
    for (const spot of shelved.code.entries) {
      const slot = places.slotOf(spot);
      this.idsAtSlot.set(slot, (this.idsAtSlot.get(slot) ?? new Set()).add(shelved.id));
      this.slotsOfPage.set(spot.codePage, (this.slotsOfPage.get(spot.codePage) ?? new Set()).add(slot));
    }
    if (this.kept.size <= MAX_SHELVED) return [];
    const [oldest] = this.kept.keys();
    if (oldest === undefined) return [];
    this.forget(oldest);
    return [oldest];
  }

  /** The next arrival at each of its places is reported. */
  await({ entries }: Pick<CompiledCode, "entries">): void {
    for (const spot of entries) this.awaitAt(spot);
  }

  /** The same for all places of a code page. */
  awaitOn(codePage: number): void {
    for (const slot of this.slotsOfPage.get(codePage) ?? []) this.awaitAt(this.places.spotOf(slot));
  }

  /** Whether the arrival that is reported was awaited, and says nothing of heat. */
  arrived(spot: CodeSpot): boolean {
    if (!this.awaited.delete(this.places.slotOf(spot))) return false;
    this.places.setHeat(spot, 0);
    return true;
  }

  /** Takes what begins here and was compiled from what is there now. The latest first. */
  take(spot: CodeSpot): Shelved | undefined {
    const ids = [...(this.idsAtSlot.get(this.places.slotOf(spot)) ?? [])].reverse();
    const found = ids.map((id) => this.kept.get(id)).find((kept) => kept !== undefined && this.fits(kept));
    if (found === undefined) return undefined;
    this.forget(found.id);
    // It is there now: what is reported of its places from now on is heat.
    for (const entry of found.code.entries) this.awaited.delete(this.places.slotOf(entry));
    return found;
  }

  clear(): void {
    this.kept.clear();
    this.idsAtSlot.clear();
    this.slotsOfPage.clear();
    this.awaited.clear();
  }

  private awaitAt(spot: CodeSpot): void {
    if (this.places.codeAt(spot) !== 0) return;
    this.awaited.add(this.places.slotOf(spot));
    this.places.setHeat(spot, this.reportedHeat - 1);
  }

  private fits({ code: { codePages, words }, owners }: Kept): boolean {
    return (
      codePages.every((codePage, index) => this.places.ownerOf(codePage) === owners[index]) &&
      this.executed.isStill(words)
    );
  }

  private forget(id: number): void {
    const kept = this.kept.get(id);
    this.kept.delete(id);
    for (const spot of kept?.code.entries ?? []) {
      const slot = this.places.slotOf(spot);
      const ids = this.idsAtSlot.get(slot);
      ids?.delete(id);
      if (ids?.size !== 0) continue;
      this.idsAtSlot.delete(slot);
      this.slotsOfPage.get(spot.codePage)?.delete(slot);
    }
  }
}
