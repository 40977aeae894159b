/** fsqrt. */
import type { Rounded } from "./flags.js";
import type { Format } from "./format.js";
import { round } from "./round.js";
import type { RoundingMode } from "./rounding-mode.js";
import { infinity, invalid, propagatedNaN, zero } from "./special-results.js";
import { isNaN, unpack } from "./unpack.js";

export const sqrt = (format: Format, a: bigint, rm: RoundingMode): Rounded => {
  const radicand = unpack(format, a);
  if (isNaN(radicand)) return propagatedNaN(format, radicand);
  // IEEE 754-2008, 5.4.1: the square root of -0 is -0.
  if (radicand.kind === "finite" && radicand.significand === 0n) return zero(format, radicand.negative);
  if (radicand.negative) return invalid(format);
  if (radicand.kind === "infinity") return infinity(format, false);

  // An even exponent, and at least 2p + 4 bits, so that the root keeps at least the p + 2 bits that rounding needs.
  const scale = 2 * format.precision + 4 + (radicand.exponent & 1);
  const scaled = radicand.significand << BigInt(scale);
  const root = integerSquareRoot(scaled);
  const jammed = root * root === scaled ? root : root | 1n;
  return round(format, false, jammed, (radicand.exponent - scale) / 2, rm);
};

/**
 * floor(sqrt(positive)) below 2^1000. The host's approximation only shortens the search. From any start, one step of
 * Newton's method gives floor(sqrt(positive)) or more, because an arithmetic mean is never less than the geometric one.
 */
const integerSquareRoot = (positive: bigint): bigint => {
  let root = BigInt(Math.floor(Math.sqrt(Number(positive))));
  root = (root + positive / root) >> 1n;
  while (root * root > positive) root -= 1n;
  return root;
};
