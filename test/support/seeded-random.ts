/** Chance for tests that can be had again: every seed is printed, and FOLDVM_SEED sets it. */

/** A number from 0 to below the bound. */
export type Random = (below: number) => number;

/** Mulberry32. */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
};

/**
 * FOLDVM_SEED repeats a run; any other run has another seed, so that many runs try many things. A test says it where it
 * fails.
 */
export const freshSeed = (): number => {
  const given = Number(process.env["FOLDVM_SEED"] ?? NaN);
  return Number.isInteger(given) ? given >>> 0 : Math.floor(Math.random() * 2 ** 31);
};

export const oneOf = <T>(random: Random, values: readonly T[]): T => values[random(values.length)]!;
