/** Operands that reach the corners of floating point, from a seed. */
import type { Random } from "../../support/seeded-random.js";

export interface OperandFormat {
  readonly width: 32 | 64;
  readonly trailingBits: number;
}

export const SINGLE: OperandFormat = { width: 32, trailingBits: 23 };
export const DOUBLE: OperandFormat = { width: 64, trailingBits: 52 };

export interface Operands {
  readonly a: bigint;
  readonly b: bigint;
  readonly c: bigint;
}

export const randomBits = (random: Random, bits: number): bigint =>
  BigInt.asUintN(bits, (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32)));

/**
 * Zeros, subnormals, the smallest normal, ones, the integers' ends, the largest, infinities, quiet and signalling NaN;
 * both signs.
 */
export const specialValues = ({ width, trailingBits }: OperandFormat): readonly bigint[] => {
  const one = 1n << BigInt(trailingBits);
  const exponents = 1n << BigInt(width - 1 - trailingBits);
  const bias = exponents / 2n - 1n;
  const infinity = (exponents - 1n) * one;
  const magnitudes = [
    ...[0n, 1n, 2n, 3n, one / 2n, one - 1n],
    ...[one, one + 1n, 2n * one - 1n, 2n * one],
    ...[bias - 1n, bias, bias + 1n].map((exponent) => exponent * one),
    ...[bias * one - 1n, bias * one + 1n, (bias + 1n) * one + one / 2n],
    ...[31, 32, 63, 64].map((power) => (bias + BigInt(power)) * one),
    ...[31, 32].flatMap((power) =>
      belowPowerOfTwo(power, trailingBits).map((trailing) => (bias + BigInt(power - 1)) * one + trailing),
    ),
    ...[infinity - one, infinity - 2n, infinity - 1n, infinity],
    ...[infinity + 1n, infinity + one / 2n - 1n, infinity + one / 2n, infinity + one - 1n],
  ];
  const sign = 1n << BigInt(width - 1);
  return magnitudes.flatMap((magnitude) => [magnitude, sign | magnitude]);
};

/** The trailing fields of 2^power - 1 and 2^power - 1/2, in a format that has them. */
const belowPowerOfTwo = (power: number, trailingBits: number): readonly bigint[] =>
  [power - 1, power]
    .filter((ones) => ones <= trailingBits)
    .map((ones) => ((1n << BigInt(ones)) - 1n) << BigInt(trailingBits - ones));

/**
 * Three operands whose exponents are often such that sums cancel, and products and quotients meet the ends of the
 * range.
 */
export const randomOperands = (format: OperandFormat, random: Random): Operands => {
  const { width, trailingBits } = format;
  const maxBiased = 2 ** (width - 1 - trailingBits) - 1;
  const bias = (maxBiased - 1) / 2;
  const specials = specialValues(format);
  const near = (centre: number, distance: number): number =>
    Math.min(maxBiased, Math.max(0, centre + random(2 * distance + 1) - distance));
  const number = (biased: number): bigint =>
    (BigInt(random(2)) << BigInt(width - 1)) |
    (BigInt(biased) << BigInt(trailingBits)) |
    trailingField(trailingBits, random);
  const anything = (): bigint =>
    random(2) === 0 ? randomBits(random, width) : (specials[random(specials.length)] ?? 0n);

  const first = near(bias, random(2) === 0 ? 4 : bias);
  switch (random(6)) {
    case 0:
      return { a: anything(), b: anything(), c: anything() };
    case 1: {
      // Sums: alike or equal but for the sign and the last bits.
      const a = number(first);
      const b = a ^ (1n << BigInt(width - 1)) ^ BigInt(random(4));
      return { a, b, c: number(first) };
    }
    case 2: {
      const second = near(first, trailingBits + 3);
      return { a: number(first), b: number(second), c: number(near(first + second - bias, 2 * trailingBits + 4)) };
    }
    case 3: {
      // Products at either end of the range.
      const end = random(3) === 0 ? maxBiased : random(2) === 0 ? 0 : -trailingBits;
      const second = near(end + bias - first, 3);
      return { a: number(first), b: number(second), c: number(near(Math.max(end, 0), 3)) };
    }
    case 4: {
      // Quotients at either end of the range.
      const end = random(3) === 0 ? maxBiased : random(2) === 0 ? 0 : -trailingBits;
      return { a: number(first), b: number(near(first + bias - end, 3)), c: anything() };
    }
    default:
      // Near the integers' ends and 1, for conversions.
      return { a: number(near(bias + [0, 31, 63][random(3)]!, 2)), b: number(near(0, 2)), c: number(near(bias, 2)) };
  }
};

const trailingField = (bits: number, random: Random): bigint => {
  const ones = (1n << BigInt(bits)) - 1n;
  switch (random(6)) {
    case 0:
      return 0n;
    case 1:
      return ones - BigInt(random(3));
    case 2:
      return BigInt(random(4));
    case 3:
      // Few bits set: exact results and ties.
      return (1n << BigInt(random(bits))) | (1n << BigInt(random(bits)));
    case 4:
      return (ones << BigInt(random(bits))) & ones;
    default:
      return randomBits(random, bits);
  }
};
