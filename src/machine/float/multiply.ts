/** fmul; the exact product is shared with the fused operations. */
import type { Rounded } from "./flags.js";
import type { Format } from "./format.js";
import { round } from "./round.js";
import type { RoundingMode } from "./rounding-mode.js";
import { infinity, invalid, propagatedNaN, zero } from "./special-results.js";
import { isNaN, unpack, type Unpacked } from "./unpack.js";

export const mul = (format: Format, a: bigint, b: bigint, rm: RoundingMode): Rounded => {
  const left = unpack(format, a);
  const right = unpack(format, b);
  if (isNaN(left) || isNaN(right)) return propagatedNaN(format, left, right);
  if (isInfinityTimesZero(left, right)) return invalid(format);
  const { kind, negative, significand, exponent } = exactProduct(left, right);
  if (kind === "infinity") return infinity(format, negative);
  if (significand === 0n) return zero(format, negative);
  return round(format, negative, significand, exponent, rm);
};

/** The only product of two non-NaN operands that is undefined. */
export const isInfinityTimesZero = (left: Unpacked, right: Unpacked): boolean =>
  (left.kind === "infinity" && isZero(right)) || (isZero(left) && right.kind === "infinity");

/** left * right. NaN and infinity times zero are excluded. */
export const exactProduct = (left: Unpacked, right: Unpacked): Unpacked => ({
  kind: left.kind === "infinity" ? "infinity" : right.kind,
  negative: left.negative !== right.negative,
  significand: left.significand * right.significand,
  exponent: left.exponent + right.exponent,
});

const isZero = (number: Unpacked): boolean => number.kind === "finite" && number.significand === 0n;
