/** Where a guest was each time it was looked at: how often at each place, in bounded memory. */

export interface Spot {
  readonly privilege: "U" | "S" | "M";
  readonly address: bigint;
  /** The code there; undefined where its page was not mapped. */
  readonly raw: number | undefined;
  samples: number;
}

/** More than any loop has. A guest that looks at each instruction once has as many places as instructions. */
export const MAX_PLACES = 1 << 18;

export class Samples {
  count = 0;
  /** Those at places that came after the first `MAX_PLACES`. */
  elsewhere = 0;
  private readonly byPlace = new Map<string, Spot>();

  get spots(): readonly Spot[] {
    return [...this.byPlace.values()];
  }

  take(privilege: bigint, address: bigint, raw: number | undefined): void {
    this.count += 1;
    // One address holds different code in different processes.
    const place = `${String(privilege)}/${String(address)}/${String(raw)}`;
    const spot = this.byPlace.get(place);
    if (spot !== undefined) spot.samples += 1;
    else if (this.byPlace.size === MAX_PLACES) this.elsewhere += 1;
    else this.byPlace.set(place, { privilege: levelOf(privilege), address, raw, samples: 1 });
  }
}

const PRIVILEGES = ["U", "S", "?", "M"] as const;

const levelOf = (privilege: bigint): Spot["privilege"] => {
  const level = PRIVILEGES[Number(privilege)];
  return level === "?" || level === undefined ? "M" : level;
};
