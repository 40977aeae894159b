/**
 * fmadd: a * b + c, rounded once. fmsub, fnmsub and fnmadd flip the signs of a and c. That loses nothing, because NaN
 * has no sign here.
 */
import { roundedSum } from "./add.js";
import type { Rounded } from "./flags.js";
import type { Format } from "./format.js";
import { exactProduct, isInfinityTimesZero } from "./multiply.js";
import type { RoundingMode } from "./rounding-mode.js";
import { invalid, propagatedNaN } from "./special-results.js";
import { isNaN, unpack } from "./unpack.js";

export const fma = (format: Format, a: bigint, b: bigint, c: bigint, rm: RoundingMode): Rounded => {
  const left = unpack(format, a);
  const right = unpack(format, b);
  const addend = unpack(format, c);
  // Unprivileged spec, 11.6: infinity times zero is invalid even if the addend is a quiet NaN.
  if (isInfinityTimesZero(left, right)) return invalid(format);
  if (isNaN(left) || isNaN(right) || isNaN(addend)) return propagatedNaN(format, left, right, addend);
  return roundedSum(format, exactProduct(left, right), addend, rm);
};
