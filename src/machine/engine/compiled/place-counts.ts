/** How often something was done for a place of code: forgotten where the page is other code. */
import type { CodeSpot } from "./code-places.js";

export class PlaceCounts {
  /** By code page, then by offset. */
  private readonly counts = new Map<number, Map<number, number>>();

  of({ codePage, offset }: CodeSpot): number {
    return this.counts.get(codePage)?.get(offset) ?? 0;
  }

  add(spot: CodeSpot): void {
    const ofPage = this.counts.get(spot.codePage) ?? new Map<number, number>();
    this.counts.set(spot.codePage, ofPage.set(spot.offset, this.of(spot) + 1));
  }

  forget({ codePage, offset }: CodeSpot): void {
    this.counts.get(codePage)?.delete(offset);
  }

  forgetPage(codePage: number): void {
    this.counts.delete(codePage);
  }

  clear(): void {
    this.counts.clear();
  }
}
