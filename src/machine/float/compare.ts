/** feq, flt and fle (unprivileged spec, 11.8): 1 or 0, and 0 when an operand is NaN. */
import { NV, type Rounded } from "./flags.js";
import type { Format } from "./format.js";

/** Quiet: only a signalling NaN is invalid. */
export const eq = (format: Format, a: bigint, b: bigint): Rounded => {
  if (isNaNPattern(format, a) || isNaNPattern(format, b)) {
    return { bits: 0n, flags: isSignalling(format, a) || isSignalling(format, b) ? NV : 0 };
  }
  return truth(order(format, a) === order(format, b));
};

/** Signalling: any NaN is invalid. */
export const lt = (format: Format, a: bigint, b: bigint): Rounded =>
  isNaNPattern(format, a) || isNaNPattern(format, b)
    ? { bits: 0n, flags: NV }
    : truth(order(format, a) < order(format, b));

/** Signalling: any NaN is invalid. */
export const le = (format: Format, a: bigint, b: bigint): Rounded =>
  isNaNPattern(format, a) || isNaNPattern(format, b)
    ? { bits: 0n, flags: NV }
    : truth(order(format, a) <= order(format, b));

export const isNaNPattern = (format: Format, bits: bigint): boolean =>
  BigInt.asUintN(format.width - 1, bits) > format.infinity;

export const isSignalling = (format: Format, bits: bigint): boolean =>
  isNaNPattern(format, bits) && (bits & format.quietBit) === 0n;

/** An integer with the number's order, because the encoding is sign and magnitude. Both zeros are 0. */
export const order = (format: Format, bits: bigint): bigint => (bits >= format.signBit ? format.signBit - bits : bits);

const truth = (holds: boolean): Rounded => ({ bits: holds ? 1n : 0n, flags: 0 });
