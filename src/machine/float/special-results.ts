/** The results that need no rounding: NaN, signed zero, signed infinity. */
import { NV, type Rounded } from "./flags.js";
import type { Format } from "./format.js";
import { RDN, type RoundingMode } from "./rounding-mode.js";
import type { Unpacked } from "./unpack.js";

/** The result of an undefined operation, such as the square root of -1. */
export const invalid = (format: Format): Rounded => ({ bits: format.canonicalNaN, flags: NV });

/** The result of arithmetic on NaN. Its payload is lost, and only a signalling NaN raises a flag. */
export const propagatedNaN = (format: Format, ...operands: readonly Unpacked[]): Rounded => ({
  bits: format.canonicalNaN,
  flags: operands.some((operand) => operand.kind === "signallingNaN") ? NV : 0,
});

export const zero = (format: Format, negative: boolean): Rounded => ({
  bits: negative ? format.signBit : 0n,
  flags: 0,
});

export const infinity = (format: Format, negative: boolean, flags = 0): Rounded => ({
  bits: negative ? format.signBit | format.infinity : format.infinity,
  flags,
});

/** The sign of a sum that is exactly zero (IEEE 754-2008, 6.3): x - x is +0, but -0 when rounding down. */
export const isZeroSumNegative = (left: boolean, right: boolean, rm: RoundingMode): boolean =>
  left === right ? left : rm === RDN;
