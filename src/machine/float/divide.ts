/** fdiv. */
import { DZ, type Rounded } from "./flags.js";
import type { Format } from "./format.js";
import { round } from "./round.js";
import type { RoundingMode } from "./rounding-mode.js";
import { infinity, invalid, propagatedNaN, zero } from "./special-results.js";
import { isNaN, unpack } from "./unpack.js";

export const div = (format: Format, a: bigint, b: bigint, rm: RoundingMode): Rounded => {
  const dividend = unpack(format, a);
  const divisor = unpack(format, b);
  if (isNaN(dividend) || isNaN(divisor)) return propagatedNaN(format, dividend, divisor);
  const negative = dividend.negative !== divisor.negative;
  if (dividend.kind === "infinity") {
    return divisor.kind === "infinity" ? invalid(format) : infinity(format, negative);
  }
  if (divisor.kind === "infinity") return zero(format, negative);
  if (divisor.significand === 0n) {
    return dividend.significand === 0n ? invalid(format) : infinity(format, negative, DZ);
  }
  if (dividend.significand === 0n) return zero(format, negative);

  // The divisor has at most p bits, so the quotient keeps at least the p + 2 bits that rounding needs.
  const scale = 2 * format.precision + 2;
  const scaled = dividend.significand << BigInt(scale);
  const quotient = scaled / divisor.significand;
  const isExact = quotient * divisor.significand === scaled;
  const jammed = isExact ? quotient : quotient | 1n;
  return round(format, negative, jammed, dividend.exponent - divisor.exponent - scale, rm);
};
