/** The one place that rounds: it turns an exact value into a number of the format, by the rounding mode. */
import { bitLength } from "./bit-length.js";
import { NX, OF, UF, type Rounded } from "./flags.js";
import type { Format } from "./format.js";
import { RDN, RMM, RNE, RTZ, RUP, type RoundingMode } from "./rounding-mode.js";

/**
 * The exact value (-1)^negative * significand * 2^exponent as a number of the format, with OF, UF and NX. A tail too
 * long to write down may be replaced by a set low bit ("jammed"), if the significand has at least precision + 2 bits.
 * The significand must be positive.
 */
export const round = (
  format: Format,
  negative: boolean,
  significand: bigint,
  exponent: number,
  rm: RoundingMode,
): Rounded => {
  const { precision, minExponent } = format;
  const fullPrecisionExponent = exponent + bitLength(significand) - precision;
  const roundedExponent = Math.max(fullPrecisionExponent, minExponent);
  const dropped = roundedExponent - exponent;
  const sign = negative ? format.signBit : 0n;

  const isInexact = dropped > 0 && BigInt.asUintN(dropped, significand) !== 0n;
  const kept = dropped > 0 ? roundedShift(negative, significand, dropped, rm) : significand << BigInt(-dropped);
  // A normal number's biased exponent is one too low here. Adding the implied bit corrects it, as does a carry out of
  // `kept`.
  const magnitude = (BigInt(roundedExponent - minExponent) << format.trailing) + kept;
  if (magnitude >= format.infinity) {
    return { bits: sign | (overflowsToInfinity(negative, rm) ? format.infinity : format.largest), flags: OF | NX };
  }
  if (!isInexact) return { bits: sign | magnitude, flags: 0 };
  const isTiny =
    fullPrecisionExponent < minExponent &&
    !carriesIntoNormal(format, negative, significand, exponent, fullPrecisionExponent, rm);
  return { bits: sign | magnitude, flags: isTiny ? UF | NX : NX };
};

/** floor(significand / 2^count), or one more if the rounding mode says so. */
export const roundedShift = (negative: boolean, significand: bigint, count: number, rm: RoundingMode): bigint => {
  const truncated = significand >> BigInt(count);
  switch (rm) {
    case RTZ:
      return truncated;
    case RDN:
      return negative && BigInt.asUintN(count, significand) !== 0n ? truncated + 1n : truncated;
    case RUP:
      return !negative && BigInt.asUintN(count, significand) !== 0n ? truncated + 1n : truncated;
    case RNE:
    case RMM: {
      const rest = BigInt.asUintN(count, significand);
      const half = 1n << BigInt(count - 1);
      const roundsUp = rest > half || (rest === half && (rm === RMM || BigInt.asUintN(1, truncated) === 1n));
      return roundsUp ? truncated + 1n : truncated;
    }
  }
};

const overflowsToInfinity = (negative: boolean, rm: RoundingMode): boolean =>
  rm === RNE || rm === RMM || rm === (negative ? RDN : RUP);

/**
 * RISC-V detects tininess after rounding (unprivileged spec, 11.2; IEEE 754-2008, 7.5 a): a number below the smallest
 * normal one is not tiny if rounding it with an unbounded exponent range reaches that number. The number must be in the
 * binade just below.
 */
const carriesIntoNormal = (
  format: Format,
  negative: boolean,
  significand: bigint,
  exponent: number,
  fullPrecisionExponent: number,
  rm: RoundingMode,
): boolean => {
  const dropped = fullPrecisionExponent - exponent;
  return (
    fullPrecisionExponent === format.minExponent - 1 &&
    dropped > 0 &&
    roundedShift(negative, significand, dropped, rm) === format.impliedBit << 1n
  );
};
