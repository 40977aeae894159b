/** fmin and fmax: minimumNumber and maximumNumber of IEEE 754-2019 (unprivileged spec, 11.6). */
import { isNaNPattern, isSignalling, order } from "./compare.js";
import { NV, type Rounded } from "./flags.js";
import type { Format } from "./format.js";

export const min = (format: Format, a: bigint, b: bigint): Rounded =>
  numberOf(format, a, b) ?? { bits: precedes(format, a, b) ? a : b, flags: 0 };

export const max = (format: Format, a: bigint, b: bigint): Rounded =>
  numberOf(format, a, b) ?? { bits: precedes(format, a, b) ? b : a, flags: 0 };

/** The result if an operand is NaN: the other operand. A signalling NaN is invalid all the same. */
const numberOf = (format: Format, a: bigint, b: bigint): Rounded | undefined => {
  const aIsNaN = isNaNPattern(format, a);
  const bIsNaN = isNaNPattern(format, b);
  if (!aIsNaN && !bIsNaN) return undefined;
  const flags = isSignalling(format, a) || isSignalling(format, b) ? NV : 0;
  return { bits: aIsNaN ? (bIsNaN ? format.canonicalNaN : b) : a, flags };
};

/** Less, or -0 before +0: zeros compare equal, but here -0.0 is the smaller. */
const precedes = (format: Format, a: bigint, b: bigint): boolean => {
  const left = order(format, a);
  const right = order(format, b);
  return left < right || (left === right && a >= format.signBit);
};
