/** Every rounded operation, in every rounding mode, against a reference that compares exact fractions. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as float from "../../../src/machine/float/float.js";
import {
  expected,
  fractionOf,
  fractionValue,
  over,
  PARAMETERS,
  plus,
  squareRootValue,
  times,
  type ExactValue,
  type Fraction,
} from "./exact-reference.js";
import { DOUBLE, randomOperands, SINGLE, specialValues, type Operands } from "./seeded-operands.js";
import { freshSeed, seededRandom } from "../../support/seeded-random.js";

const CASES = 600;
const MODES: readonly float.RoundingMode[] = [0, 1, 2, 3, 4];
const seed = freshSeed();
console.log(`    float exactness: FOLDVM_SEED=${seed}`);

interface Operation {
  readonly exact: (a: Fraction, b: Fraction, c: Fraction) => ExactValue | undefined;
  readonly ours: (
    format: float.Format,
    operands: readonly [bigint, bigint, bigint],
    rm: float.RoundingMode,
  ) => float.Rounded;
}

const nonZero = (fraction: Fraction): ExactValue | undefined =>
  fraction.numerator === 0n ? undefined : fractionValue(fraction);
const negated = (fraction: Fraction): Fraction => ({ ...fraction, numerator: -fraction.numerator });

const OPERATIONS: Readonly<Record<string, Operation>> = {
  add: { exact: (a, b) => nonZero(plus(a, b)), ours: (format, [a, b], rm) => float.add(format, a, b, rm) },
  sub: { exact: (a, b) => nonZero(plus(a, negated(b))), ours: (format, [a, b], rm) => float.sub(format, a, b, rm) },
  mul: { exact: (a, b) => nonZero(times(a, b)), ours: (format, [a, b], rm) => float.mul(format, a, b, rm) },
  div: {
    exact: (a, b) => (b.numerator === 0n ? undefined : nonZero(over(a, b))),
    ours: (format, [a, b], rm) => float.div(format, a, b, rm),
  },
  sqrt: {
    exact: (a) => (a.numerator > 0n ? squareRootValue(a) : undefined),
    ours: (format, [a], rm) => float.sqrt(format, a, rm),
  },
  fma: {
    exact: (a, b, c) => nonZero(plus(times(a, b), c)),
    ours: (format, [a, b, c], rm) => float.fma(format, a, b, c, rm),
  },
};

for (const format of [float.binary32, float.binary64]) {
  const parameters = PARAMETERS[format.name];
  const operandFormat = format.width === 32 ? SINGLE : DOUBLE;
  for (const [name, { exact, ours }] of Object.entries(OPERATIONS)) {
    test(`given ${format.name} operands, when ${name} rounds in any mode, then bits and flags are those of the exact value`, () => {
      const random = seededRandom(seed);
      const specials = specialValues(operandFormat);
      const pick = (): bigint => specials[random(specials.length)]!;
      const specialOperands = (): Operands => ({ a: pick(), b: pick(), c: pick() });
      let compared = 0;
      while (compared < CASES) {
        const { a, b, c } = random(3) === 0 ? specialOperands() : randomOperands(operandFormat, random);
        if (![a, b, c].every((bits) => isFinite(format, bits))) continue;
        const value = exact(fractionOf(parameters, a), fractionOf(parameters, b), fractionOf(parameters, c));
        if (value === undefined) continue;
        compared += 1;
        for (const rm of MODES) {
          const description = `${name} ${hex(a)} ${hex(b)} ${hex(c)} rm=${rm} seed=${seed}`;
          same(ours(format, [a, b, c], rm), expected(parameters, value, rm), description);
        }
      }
    });
  }

  test(`given 64-bit integers, when converted to ${format.name} in any mode, then bits and flags are those of the exact value`, () => {
    const random = seededRandom(seed);
    for (let index = 0; index < CASES; index += 1) {
      const pattern = randomOperands(DOUBLE, random).a >> BigInt(random(64));
      for (const signed of [true, false]) {
        const integer = signed ? BigInt.asIntN(64, pattern) : pattern;
        if (integer === 0n) continue;
        const value = fractionValue({ numerator: integer, denominator: 1n });
        for (const rm of MODES) {
          const result = float.fromInt(format, pattern, { width: 64, signed }, rm);
          same(result, expected(parameters, value, rm), `fromInt ${integer} rm=${rm} seed=${seed}`);
        }
      }
    }
  });
}

test("given binary64 numbers, when narrowed to binary32 in any mode, then bits and flags are those of the exact value", () => {
  const random = seededRandom(seed);
  for (let index = 0; index < CASES; index += 1) {
    // Widened singles with a tail: the range of the narrow format and some beyond.
    const biased = BigInt(1023 - 152 + random(290));
    const a = (biased << 52n) | (randomOperands(SINGLE, random).a << 29n) | BigInt(random(3));
    const bits = BigInt.asUintN(63, a);
    if (!isFinite(float.binary64, bits) || bits === 0n) continue;
    const value = fractionValue(fractionOf(PARAMETERS.binary64, bits));
    for (const rm of MODES) {
      const result = float.convert(float.binary64, float.binary32, bits, rm);
      same(result, expected(PARAMETERS.binary32, value, rm), `narrow ${hex(bits)} rm=${rm} seed=${seed}`);
    }
  }
});

const isFinite = (format: float.Format, bits: bigint): boolean =>
  BigInt.asUintN(format.width - 1, bits) < format.infinity;

const hex = (bits: bigint): string => `0x${bits.toString(16)}`;

const same = (actual: float.Rounded, wanted: float.Rounded, description: string): void => {
  assert.is(`${hex(actual.bits)} flags ${actual.flags}`, `${hex(wanted.bits)} flags ${wanted.flags}`, description);
};

test.run();
