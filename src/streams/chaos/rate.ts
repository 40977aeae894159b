/** How often something happens, as far as some tries tell. */

/** Of a normal distribution, 95 % lie within so many standard deviations. */
const Z = 1.959_963_984_540_054;

export interface Rate {
  /** From 0 to 1. */
  readonly rate: number;
  /** In which the true rate is with 95 % (Wilson's score interval), also where none or all of few tries happened. */
  readonly interval: readonly [least: number, most: number];
}

/** Without tries nothing is known: 0, and anything. */
export function rateOf(happened: number, tries: number): Rate {
  if (tries === 0) return { rate: 0, interval: [0, 1] };
  const rate = happened / tries;
  const scale = 1 + Z ** 2 / tries;
  const middle = (rate + Z ** 2 / (2 * tries)) / scale;
  const half = (Z / scale) * Math.sqrt((rate * (1 - rate)) / tries + Z ** 2 / (4 * tries ** 2));
  return { rate, interval: [happened === 0 ? 0 : middle - half, happened === tries ? 1 : middle + half] };
}
