/** fcvt.{w,wu,l,lu}.{s,d}: converts a number to an integer, saturating (unprivileged spec, 11.7). */
import { NV, NX, type Rounded } from "./flags.js";
import type { Format } from "./format.js";
import { roundedShift } from "./round.js";
import type { RoundingMode } from "./rounding-mode.js";
import { isNaN, unpack, type Finite } from "./unpack.js";

export interface IntegerType {
  readonly width: 32 | 64;
  readonly signed: boolean;
}

/** The result is the content of the X register: 32-bit results, also unsigned ones, are sign-extended to 64 bits. */
export const toInt = (format: Format, a: bigint, { width, signed }: IntegerType, rm: RoundingMode): Rounded => {
  const number = unpack(format, a);
  const smallest = signed ? -(1n << BigInt(width - 1)) : 0n;
  const largest = (1n << BigInt(signed ? width - 1 : width)) - 1n;
  // Table 11.2: NaN converts like plus infinity. Out of range is invalid, never inexact.
  if (isNaN(number)) return { bits: register(width, largest), flags: NV };
  if (number.kind === "infinity") return { bits: register(width, number.negative ? smallest : largest), flags: NV };
  const magnitude = nearestInteger(number, rm);
  const integer = number.negative ? -magnitude : magnitude;
  if (integer < smallest) return { bits: register(width, smallest), flags: NV };
  if (integer > largest) return { bits: register(width, largest), flags: NV };
  return { bits: register(width, integer), flags: isInteger(number) ? 0 : NX };
};

const nearestInteger = ({ negative, significand, exponent }: Finite, rm: RoundingMode): bigint =>
  exponent < 0 ? roundedShift(negative, significand, -exponent, rm) : significand << BigInt(exponent);

const isInteger = ({ significand, exponent }: Finite): boolean =>
  exponent >= 0 || BigInt.asUintN(-exponent, significand) === 0n;

const register = (width: 32 | 64, integer: bigint): bigint => BigInt.asUintN(64, BigInt.asIntN(width, integer));
