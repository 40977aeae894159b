/**
 * What IEEE 754-2008 asks of a rounded result, written as directly as it can be and sharing nothing with the code under
 * test: the exact value is only ever compared with fractions, and the neighbours are found by bisection over all
 * encodings.
 */
export interface Fraction {
  readonly numerator: bigint;
  /** Positive. */
  readonly denominator: bigint;
}

/** A non-zero exact value: its sign, and how its magnitude compares (negative, 0, positive) with a fraction. */
export interface ExactValue {
  readonly negative: boolean;
  readonly compare: (fraction: Fraction) => number;
}

export interface Parameters {
  readonly width: number;
  readonly p: number;
  readonly emin: number;
  readonly emax: number;
}

export const PARAMETERS = {
  binary32: { width: 32, p: 24, emin: -126, emax: 127 },
  binary64: { width: 64, p: 53, emin: -1022, emax: 1023 },
} as const satisfies Record<string, Parameters>;

const [NX, UF, OF] = [1, 2, 4];

export const fractionValue = ({ numerator, denominator }: Fraction): ExactValue => {
  const magnitude = numerator < 0n ? -numerator : numerator;
  return {
    negative: numerator < 0n,
    compare: (other) => signum(magnitude * other.denominator - other.numerator * denominator),
  };
};

export const squareRootValue = ({ numerator, denominator }: Fraction): ExactValue => ({
  negative: false,
  compare: (root) => signum(numerator * root.denominator ** 2n - root.numerator ** 2n * denominator),
});

/** The value of a finite encoding; that of infinity as if the exponent range went on: 2^(emax + 1). */
export const fractionOf = ({ width, p, emin }: Parameters, bits: bigint): Fraction => {
  const sign = bits >> BigInt(width - 1) === 1n ? -1n : 1n;
  const biased = Number((bits >> BigInt(p - 1)) & ((1n << BigInt(width - p)) - 1n));
  const trailing = bits & ((1n << BigInt(p - 1)) - 1n);
  const integer = biased === 0 ? trailing : trailing | (1n << BigInt(p - 1));
  return scaled(sign * integer, emin - (p - 1) + Math.max(biased - 1, 0));
};

export const expected = (
  parameters: Parameters,
  { negative, compare }: ExactValue,
  rm: number,
): { bits: bigint; flags: number } => {
  const { width, p, emin, emax } = parameters;
  const infinity = ((1n << BigInt(width - p)) - 1n) << BigInt(p - 1);
  let below = 0n;
  let above = infinity;
  if (compare(fractionOf(parameters, infinity)) >= 0) below = infinity;
  while (above - below > 1n) {
    const middle = (above + below) / 2n;
    if (compare(fractionOf(parameters, middle)) >= 0) below = middle;
    else above = middle;
  }
  const isExact = compare(fractionOf(parameters, below)) === 0 && below < infinity;
  const away = rm === 3 ? !negative : rm === 2 && negative;
  const nearest = rm === 0 || rm === 4;
  const sign = negative ? 1n << BigInt(width - 1) : 0n;
  if (isExact) return { bits: sign | below, flags: 0 };

  // 7.4: overflow, by what the result would be with an unbounded exponent range.
  const largest = scaled((1n << BigInt(p)) - 1n, emax - p + 1);
  const overflowing = nearest
    ? compare(scaled((1n << BigInt(p + 1)) - 1n, emax - p)) >= 0
    : away
      ? compare(largest) > 0
      : compare(scaled(1n, emax + 1)) >= 0;
  if (overflowing) return { bits: sign | (nearest || away ? infinity : infinity - 1n), flags: OF | NX };
  if (below === infinity) throw new Error("unreachable: not below the range's end, yet no overflow");

  // 7.5 a: the largest value below 2^emin with p bits is 2^emin - 2^(emin - p).
  const belowNormal = scaled((1n << BigInt(p)) - 1n, emin - p);
  const tiny = nearest
    ? compare(scaled((1n << BigInt(p + 1)) - 1n, emin - p - 1)) < 0
    : away
      ? compare(belowNormal) <= 0
      : compare(scaled(1n, emin)) < 0;
  const toHalf = compare(half(fractionOf(parameters, below), fractionOf(parameters, below + 1n)));
  const up = nearest ? toHalf > 0 || (toHalf === 0 && (rm === 4 || (below & 1n) === 1n)) : away;
  return { bits: sign | (up ? below + 1n : below), flags: tiny ? UF | NX : NX };
};

export const plus = (a: Fraction, b: Fraction): Fraction => ({
  numerator: a.numerator * b.denominator + b.numerator * a.denominator,
  denominator: a.denominator * b.denominator,
});

export const times = (a: Fraction, b: Fraction): Fraction => ({
  numerator: a.numerator * b.numerator,
  denominator: a.denominator * b.denominator,
});

/** a / b, b not zero. */
export const over = (a: Fraction, b: Fraction): Fraction => {
  const sign = b.numerator < 0n ? -1n : 1n;
  return { numerator: sign * a.numerator * b.denominator, denominator: sign * a.denominator * b.numerator };
};

const half = (a: Fraction, b: Fraction): Fraction => times(plus(a, b), { numerator: 1n, denominator: 2n });

const scaled = (integer: bigint, exponent: number): Fraction =>
  exponent >= 0
    ? { numerator: integer << BigInt(exponent), denominator: 1n }
    : { numerator: integer, denominator: 1n << BigInt(-exponent) };

const signum = (integer: bigint): number => (integer < 0n ? -1 : integer > 0n ? 1 : 0);
