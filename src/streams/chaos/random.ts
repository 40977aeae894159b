/** Chance that can be had again: sfc32, seeded by a text. What it gives depends on nothing else. */
import { xxh64 } from "../../machine/digest/xxh64.js";

export interface Random {
  /** A whole number from 0 up to, but without, `end`, which is from 1 to 2^53 - 1. */
  below(end: number): number;
  /** Whether it comes true; `chance` is from 0 to 1. */
  happens(chance: number): boolean;
  /** Long-tailed: from `least` to `most`, both 1 or more, with as much chance for each factor of 2. */
  longTailed(least: number, most: number): number;
  /** The items in a random order. */
  shuffled<T>(items: readonly T[]): readonly T[];
}

export const randomOf = (seed: string): Random => {
  const next = sfc32(xxh64(new TextEncoder().encode(seed), 0n));
  /** From 0 up to, but without, 1: all 53 bits of a double. */
  const fraction = (): number => (next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53;
  const below = (end: number): number => Math.floor(fraction() * end);
  return {
    below,
    happens: (chance) => fraction() < chance,
    longTailed: (least, most) => Math.floor(least * (most / least) ** fraction()),
    shuffled(items) {
      const rest = [...items];
      return items.flatMap(() => rest.splice(below(rest.length), 1));
    },
  };
};

const WARM_UP = 12;

/** Chris Doty-Humphrey's Small Fast Counting generator, seeded as PractRand does it from 64 bits. */
const sfc32 = (seed: bigint): (() => number) => {
  let a = 0;
  let b = Number(BigInt.asIntN(32, seed));
  let c = Number(BigInt.asIntN(32, seed >> 32n));
  let counter = 1;
  const next = (): number => {
    const out = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return out >>> 0;
  };
  for (let round = 0; round < WARM_UP; round += 1) next();
  return next;
};
