/** Register contents that reach the corners: ends of the widths, few bits, and anything. */
import { randomBits, SINGLE, DOUBLE, specialValues } from "../machine/float/seeded-operands.js";
import { type Random } from "../support/seeded-random.js";

export const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)]!;
export const chance = (random: Random, oneIn: number): boolean => random(oneIn) === 0;

const ENDS = [0, 7, 8, 15, 16, 31, 32, 63].flatMap((power) =>
  [-1n, 0n, 1n].map((near) => (1n << BigInt(power)) + near),
);
const INTEGERS = [...ENDS, ...ENDS.map((value) => -value)].map((value) => BigInt.asUintN(64, value));
const SINGLES = specialValues(SINGLE);
const DOUBLES = specialValues(DOUBLE);
const NAN_BOX = 0xffff_ffff_0000_0000n;

export function integer(random: Random): bigint {
  switch (random(4)) {
    case 0:
    case 1:
      return pick(random, INTEGERS);
    case 2:
      return BigInt.asUintN(64, (1n << BigInt(random(64))) - BigInt(random(2)) * (1n << BigInt(random(64))));
    default:
      return randomBits(random, 64);
  }
}

/** Doubles, NaN-boxed singles, and singles whose box is broken. */
export function float(random: Random): bigint {
  const single = (): bigint => (chance(random, 4) ? randomBits(random, 32) : pick(random, SINGLES));
  switch (random(8)) {
    case 0:
      return single() | (randomBits(random, 32) << 32n);
    case 1:
      return single() | (NAN_BOX ^ (1n << BigInt(32 + random(32))));
    case 2:
    case 3:
    case 4:
      return NAN_BOX | single();
    default:
      return chance(random, 4) ? randomBits(random, 64) : pick(random, DOUBLES);
  }
}

export const integers = (random: Random): bigint[] => Array.from({ length: 32 }, () => integer(random));
export const floats = (random: Random): bigint[] => Array.from({ length: 32 }, () => float(random));

export function bytes(random: Random, count: number): Uint8Array {
  const result = new Uint8Array(count);
  const view = new DataView(result.buffer);
  for (let at = 0; at + 4 <= count; at += 4) view.setUint32(at, random(2 ** 32), true);
  return result;
}
