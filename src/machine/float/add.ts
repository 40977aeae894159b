/** fadd and fsub; the exact sum is shared with the fused operations. */
import type { Rounded } from "./flags.js";
import type { Format } from "./format.js";
import { round } from "./round.js";
import type { RoundingMode } from "./rounding-mode.js";
import { infinity, invalid, isZeroSumNegative, propagatedNaN, zero } from "./special-results.js";
import { isNaN, unpack, type Finite, type Unpacked } from "./unpack.js";

export const add = (format: Format, a: bigint, b: bigint, rm: RoundingMode): Rounded => {
  const left = unpack(format, a);
  const right = unpack(format, b);
  if (isNaN(left) || isNaN(right)) return propagatedNaN(format, left, right);
  return roundedSum(format, left, right, rm);
};

/** a - b is a + (-b). The sign of a NaN does not reach the result. */
export const sub = (format: Format, a: bigint, b: bigint, rm: RoundingMode): Rounded =>
  add(format, a, b ^ format.signBit, rm);

/** left + right for any exponent and length of significand, rounded once. NaN excluded. */
export const roundedSum = (format: Format, left: Unpacked, right: Unpacked, rm: RoundingMode): Rounded => {
  if (left.kind === "infinity") {
    const cancels = right.kind === "infinity" && left.negative !== right.negative;
    return cancels ? invalid(format) : infinity(format, left.negative);
  }
  if (right.kind === "infinity") return infinity(format, right.negative);

  const exponent = Math.min(left.exponent, right.exponent);
  const sum = multipleOf(exponent, left) + multipleOf(exponent, right);
  if (sum === 0n) return zero(format, isZeroSumNegative(left.negative, right.negative, rm));
  return sum < 0n ? round(format, true, -sum, exponent, rm) : round(format, false, sum, exponent, rm);
};

/** The signed integer n with number = n * 2^exponent. */
const multipleOf = (exponent: number, number: Finite): bigint => {
  const shift = number.exponent - exponent;
  const magnitude = shift === 0 ? number.significand : number.significand << BigInt(shift);
  return number.negative ? -magnitude : magnitude;
};
