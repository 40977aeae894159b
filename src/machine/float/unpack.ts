/** Unpacks a bit pattern into sign, exponent and significand. */
import type { Format } from "./format.js";

/** A finite number: (-1)^negative * significand * 2^exponent, not normalised. Zero has the significand 0. */
export interface Finite {
  readonly negative: boolean;
  readonly exponent: number;
  readonly significand: bigint;
}

export interface Unpacked extends Finite {
  /** The last three fields are valid only for "finite"; `negative` also for "infinity". */
  readonly kind: "finite" | "infinity" | "quietNaN" | "signallingNaN";
}

export const unpack = (format: Format, bits: bigint): Unpacked => {
  const negative = bits >= format.signBit;
  const magnitude = negative ? bits - format.signBit : bits;
  const biasedExponent = Number(magnitude >> format.trailing);
  const trailing = BigInt.asUintN(format.precision - 1, magnitude);
  if (biasedExponent === 0) return { kind: "finite", negative, exponent: format.minExponent, significand: trailing };
  if (biasedExponent < format.maxBiasedExponent) {
    const exponent = format.minExponent + biasedExponent - 1;
    return { kind: "finite", negative, exponent, significand: trailing + format.impliedBit };
  }
  const kind = trailing === 0n ? "infinity" : trailing >= format.quietBit ? "quietNaN" : "signallingNaN";
  return { kind, negative, exponent: 0, significand: 0n };
};

export const isNaN = (number: Unpacked): boolean => number.kind === "quietNaN" || number.kind === "signallingNaN";
