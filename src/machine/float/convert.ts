/**
 * fcvt.s.d, fcvt.d.s and fcvt.{s,d}.{w,wu,l,lu}: conversions to a floating-point format (unprivileged spec, 11.7 and
 * 12.5).
 */
import type { Rounded } from "./flags.js";
import type { Format } from "./format.js";
import { round } from "./round.js";
import type { RoundingMode } from "./rounding-mode.js";
import { infinity, propagatedNaN, zero } from "./special-results.js";
import type { IntegerType } from "./to-int.js";
import { isNaN, unpack } from "./unpack.js";

export const convert = (from: Format, to: Format, a: bigint, rm: RoundingMode): Rounded => {
  const number = unpack(from, a);
  if (isNaN(number)) return propagatedNaN(to, number);
  if (number.kind === "infinity") return infinity(to, number.negative);
  if (number.significand === 0n) return zero(to, number.negative);
  return round(to, number.negative, number.significand, number.exponent, rm);
};

/** `value` is the 64-bit pattern of the X register. A 32-bit type reads its low half. */
export const fromInt = (format: Format, value: bigint, { width, signed }: IntegerType, rm: RoundingMode): Rounded => {
  const integer = signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
  if (integer === 0n) return zero(format, false);
  return integer < 0n ? round(format, true, -integer, 0, rm) : round(format, false, integer, 0, rm);
};
