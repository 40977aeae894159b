/** Round-to-nearest against the arithmetic of the host, which is IEEE 754's own in ECMAScript, over many operands. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as float from "../../../src/machine/float/float.js";
import { DOUBLE, randomOperands, SINGLE, specialValues } from "./seeded-operands.js";
import { freshSeed, seededRandom } from "../../support/seeded-random.js";

const CASES = 8_000;
const seed = freshSeed();
console.log(`    float against the host: FOLDVM_SEED=${seed}`);

const view = new DataView(new ArrayBuffer(8));

const numberOf = (format: float.Format, bits: bigint): number => {
  if (format.width === 32) {
    view.setUint32(0, Number(bits));
    return view.getFloat32(0);
  }
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
};

/** The host's NaN has no fixed bits. */
const bitsOf = (format: float.Format, number: number): bigint => {
  if (Number.isNaN(number)) return format.canonicalNaN;
  if (format.width === 32) {
    view.setFloat32(0, number);
    return BigInt(view.getUint32(0));
  }
  view.setFloat64(0, number);
  return view.getBigUint64(0);
};

type Ours = (format: float.Format, a: bigint, b: bigint) => float.Rounded;

/** Rounding a double's result once more to single is harmless for these: 53 >= 2 * 24 + 2 (Figueroa 1995). */
const OPERATIONS: Readonly<Record<string, readonly [host: (a: number, b: number) => number, ours: Ours]>> = {
  add: [(a, b) => a + b, (format, a, b) => float.add(format, a, b, float.RNE)],
  sub: [(a, b) => a - b, (format, a, b) => float.sub(format, a, b, float.RNE)],
  mul: [(a, b) => a * b, (format, a, b) => float.mul(format, a, b, float.RNE)],
  div: [(a, b) => a / b, (format, a, b) => float.div(format, a, b, float.RNE)],
  sqrt: [(a) => Math.sqrt(a), (format, a) => float.sqrt(format, a, float.RNE)],
  "fma by one": [(a, b) => a + b, (format, a, b) => float.fma(format, a, bitsOf(format, 1), b, float.RNE)],
};

for (const format of [float.binary32, float.binary64]) {
  const operandFormat = format.width === 32 ? SINGLE : DOUBLE;
  const pairs = (): readonly (readonly [bigint, bigint])[] => {
    const random = seededRandom(seed);
    const specials = specialValues(operandFormat);
    return [
      ...specials.flatMap((a) => specials.map((b) => [a, b] as const)),
      ...Array.from({ length: CASES }, () => {
        const { a, b } = randomOperands(operandFormat, random);
        return [a, b] as const;
      }),
    ];
  };

  for (const [name, [host, ours]] of Object.entries(OPERATIONS)) {
    test(`given ${format.name} operands, when ${name} rounds to nearest even, then the bits are the host's`, () => {
      for (const [a, b] of pairs()) {
        const wanted = bitsOf(format, host(numberOf(format, a), numberOf(format, b)));
        const { bits } = ours(format, a, b);
        if (bits !== wanted) assert.is(hex(bits), hex(wanted), `${name} ${hex(a)} ${hex(b)} seed=${seed}`);
      }
    });
  }

  test(`given ${format.name} operands, when compared, then the answers are the host's`, () => {
    for (const [a, b] of pairs()) {
      const [x, y] = [numberOf(format, a), numberOf(format, b)];
      const wanted = [x === y, x < y, x <= y].map(Number).join();
      const answers = [float.eq, float.lt, float.le].map((compare) => compare(format, a, b).bits).join();
      if (answers !== wanted) assert.is(answers, wanted, `eq, lt, le ${hex(a)} ${hex(b)} seed=${seed}`);
    }
  });

  test(`given ${format.name} numbers, when min and max choose, then the choice is the host's`, () => {
    for (const [a, b] of pairs()) {
      const [x, y] = [numberOf(format, a), numberOf(format, b)];
      if (Number.isNaN(x) || Number.isNaN(y)) continue;
      const wanted = [Math.min(x, y), Math.max(x, y)].map((number) => bitsOf(format, number)).join();
      const answers = [float.min(format, a, b).bits, float.max(format, a, b).bits].join();
      if (answers !== wanted) assert.is(answers, wanted, `min, max ${hex(a)} ${hex(b)} seed=${seed}`);
    }
  });

  test(`given ${format.name} numbers, when converted to the other format, then the bits are the host's`, () => {
    const to = format === float.binary32 ? float.binary64 : float.binary32;
    for (const [a] of pairs()) {
      const wanted = bitsOf(to, numberOf(format, a));
      const { bits } = float.convert(format, to, a, float.RNE);
      if (bits !== wanted) assert.is(hex(bits), hex(wanted), `convert ${hex(a)} seed=${seed}`);
    }
  });

  test(`given ${format.name} numbers in range, when truncated to an integer, then it is the host's, inexact if it lost something`, () => {
    for (const [a] of pairs()) {
      const x = numberOf(format, a);
      if (!(Math.abs(x) < 2 ** 63)) continue;
      const wanted = `${BigInt.asUintN(64, BigInt(Math.trunc(x)))} flags ${Number.isInteger(x) ? 0 : float.NX}`;
      const { bits, flags } = float.toInt(format, a, { width: 64, signed: true }, float.RTZ);
      if (`${bits} flags ${flags}` !== wanted) assert.is(`${bits} flags ${flags}`, wanted, `toInt ${x} seed=${seed}`);
    }
  });

  test(`given 64-bit integers, when converted to ${format.name}, then the bits are the host's`, () => {
    const random = seededRandom(seed);
    for (let index = 0; index < CASES; index += 1) {
      const pattern = randomOperands(DOUBLE, random).a >> BigInt(random(64));
      if (format === float.binary32 && BigInt(Number(pattern)) !== pattern) continue;
      const wanted = bitsOf(format, Number(pattern));
      const { bits } = float.fromInt(format, pattern, { width: 64, signed: false }, float.RNE);
      if (bits !== wanted) assert.is(hex(bits), hex(wanted), `fromInt ${pattern} seed=${seed}`);
    }
  });
}

const hex = (bits: bigint): string => `0x${bits.toString(16)}`;

test.run();
