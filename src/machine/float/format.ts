/** The two interchange formats of F and D (IEEE 754-2008, 3.4), and the bit patterns that operations return. */
export interface FormatOf<Name extends string> {
  readonly name: Name;
  /** Bits of the whole encoding. */
  readonly width: number;
  /** Bits of a significand, including the implied one: p of IEEE 754. */
  readonly precision: number;
  /** Bits of the trailing significand field, p - 1, as a shift count. */
  readonly trailing: bigint;
  /** Exponent of the unit in the last place of subnormal numbers: the smallest positive number is 2^minExponent. */
  readonly minExponent: number;
  /** The exponent field when all ones. */
  readonly maxBiasedExponent: number;
  readonly signBit: bigint;
  /** The implied leading bit of a normal number. */
  readonly impliedBit: bigint;
  /** The bit that is set in a quiet NaN and clear in a signalling one. */
  readonly quietBit: bigint;
  readonly infinity: bigint;
  /** The largest finite number. */
  readonly largest: bigint;
  /** The only NaN that arithmetic returns (unprivileged spec, 11.3). */
  readonly canonicalNaN: bigint;
}

export type Binary32 = FormatOf<"binary32">;
export type Binary64 = FormatOf<"binary64">;
export type Format = Binary32 | Binary64;

const describe = <Name extends string>(name: Name, width: number, precision: number): FormatOf<Name> => {
  const exponentBits = width - precision;
  const bias = 2 ** (exponentBits - 1) - 1;
  const maxBiasedExponent = 2 ** exponentBits - 1;
  const impliedBit = 1n << BigInt(precision - 1);
  const quietBit = impliedBit >> 1n;
  const infinity = BigInt(maxBiasedExponent) * impliedBit;
  return {
    name,
    width,
    precision,
    trailing: BigInt(precision - 1),
    minExponent: 1 - bias - (precision - 1),
    maxBiasedExponent,
    signBit: 1n << BigInt(width - 1),
    impliedBit,
    quietBit,
    infinity,
    largest: infinity - 1n,
    canonicalNaN: infinity | quietBit,
  };
};

export const binary32: Binary32 = describe("binary32", 32, 24);
export const binary64: Binary64 = describe("binary64", 64, 53);
