/** Where a guest was each time it was looked at: how often at each place, in bounded memory. */

export interface Spot {
  readonly privilege: "U" | "S" | "M";
  readonly address: bigint;
  /** The code there; undefined where its page was not mapped. */
  readonly raw: number | undefined;
  samples: number;
  /** The same by hart: which of them executed it. */
  readonly byHart: number[];
}

/** More than any loop has. A guest that looks at each instruction once has as many places as instructions. */
export const MAX_PLACES = 1 << 18;

export class Samples {
  count = 0;
  /** Those at places that came after the first `MAX_PLACES`. */
  elsewhere = 0;
  /** All, by hart. */
  readonly byHart: number[];
  private readonly byPlace = new Map<string, Spot>();

  constructor(private readonly harts: number) {
    this.byHart = new Array<number>(harts).fill(0);
  }

  get spots(): readonly Spot[] {
    return [...this.byPlace.values()];
  }

  take(hart: number, privilege: bigint, address: bigint, raw: number | undefined): void {
    this.count += 1;
    countIn(this.byHart, hart);
    // One address holds different code in different processes.
    const place = `${String(privilege)}/${String(address)}/${String(raw)}`;
    let spot = this.byPlace.get(place);
    if (spot === undefined) {
      if (this.byPlace.size === MAX_PLACES) {
        this.elsewhere += 1;
        return;
      }
      const byHart = new Array<number>(this.harts).fill(0);
      spot = { privilege: levelOf(privilege), address, raw, samples: 0, byHart };
      this.byPlace.set(place, spot);
    }
    spot.samples += 1;
    countIn(spot.byHart, hart);
  }
}

const countIn = (byHart: number[], hart: number): void => {
  byHart[hart] = (byHart[hart] ?? 0) + 1;
};

const PRIVILEGES = ["U", "S", "?", "M"] as const;

const levelOf = (privilege: bigint): Spot["privilege"] => {
  const level = PRIVILEGES[Number(privilege)];
  return level === "?" || level === undefined ? "M" : level;
};
