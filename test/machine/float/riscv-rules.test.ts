/**
 * What RISC-V fixes where IEEE 754 leaves a choice, case by case from the unprivileged specification, chapters 11 and
 * 12.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  add,
  binary32,
  binary64,
  classify,
  convert,
  div,
  DZ,
  eq,
  fma,
  fromInt,
  le,
  lt,
  max,
  min,
  mul,
  NV,
  NX,
  OF,
  RDN,
  RMM,
  RNE,
  RTZ,
  RUP,
  sqrt,
  sub,
  toInt,
  UF,
  type Rounded,
} from "../../../src/machine/float/float.js";

const ZERO = 0n;
const MINUS_ZERO = 0x8000_0000n;
const ONE = 0x3f80_0000n;
const MINUS_ONE = 0xbf80_0000n;
const INFINITY = 0x7f80_0000n;
const MINUS_INFINITY = 0xff80_0000n;
const CANONICAL_NAN = 0x7fc0_0000n;
const QUIET_NAN = 0xffc1_2345n;
const SIGNALLING_NAN = 0x7f80_0001n;
const LARGEST = 0x7f7f_ffffn;
const SMALLEST_NORMAL = 0x0080_0000n;
const LARGEST_SUBNORMAL = 0x007f_ffffn;
const SMALLEST = 1n;

const is = (actual: Rounded, bits: bigint, flags: number): void =>
  assert.equal([actual.bits.toString(16), actual.flags], [bits.toString(16), flags]);

test("given a quiet NaN with sign and payload, when arithmetic meets it, then the canonical NaN comes out and no flag", () => {
  is(add(binary32, QUIET_NAN, ONE, RNE), CANONICAL_NAN, 0);
  is(add(binary32, CANONICAL_NAN, ONE, RNE), CANONICAL_NAN, 0);
  is(sub(binary32, ONE, QUIET_NAN, RNE), CANONICAL_NAN, 0);
  is(mul(binary32, QUIET_NAN, INFINITY, RNE), CANONICAL_NAN, 0);
  is(div(binary32, ZERO, QUIET_NAN, RNE), CANONICAL_NAN, 0);
  is(sqrt(binary32, QUIET_NAN, RNE), CANONICAL_NAN, 0);
  is(fma(binary32, ONE, ONE, QUIET_NAN, RNE), CANONICAL_NAN, 0);
  is(convert(binary32, binary64, QUIET_NAN, RNE), 0x7ff8_0000_0000_0000n, 0);
  is(convert(binary64, binary32, 0xfff8_0000_0000_0001n, RNE), CANONICAL_NAN, 0);
});

test("given a signalling NaN, when any operation meets it, then NV is raised", () => {
  is(add(binary32, SIGNALLING_NAN, ONE, RNE), CANONICAL_NAN, NV);
  is(mul(binary32, QUIET_NAN, SIGNALLING_NAN, RNE), CANONICAL_NAN, NV);
  is(div(binary32, SIGNALLING_NAN, ZERO, RNE), CANONICAL_NAN, NV);
  is(sqrt(binary32, SIGNALLING_NAN, RNE), CANONICAL_NAN, NV);
  is(fma(binary32, ONE, ONE, SIGNALLING_NAN, RNE), CANONICAL_NAN, NV);
  is(convert(binary32, binary64, SIGNALLING_NAN, RNE), 0x7ff8_0000_0000_0000n, NV);
  is(eq(binary32, SIGNALLING_NAN, ONE), 0n, NV);
});

test("given operands without a meaningful result, when computed, then NaN with NV", () => {
  is(add(binary32, INFINITY, MINUS_INFINITY, RNE), CANONICAL_NAN, NV);
  is(sub(binary32, INFINITY, INFINITY, RNE), CANONICAL_NAN, NV);
  is(mul(binary32, ZERO, MINUS_INFINITY, RNE), CANONICAL_NAN, NV);
  is(div(binary32, ZERO, MINUS_ZERO, RNE), CANONICAL_NAN, NV);
  is(div(binary32, INFINITY, INFINITY, RNE), CANONICAL_NAN, NV);
  is(sqrt(binary32, MINUS_ONE, RNE), CANONICAL_NAN, NV);
  is(sqrt(binary32, MINUS_INFINITY, RNE), CANONICAL_NAN, NV);
  is(fma(binary32, INFINITY, ONE, MINUS_INFINITY, RNE), CANONICAL_NAN, NV);
});

test("given infinity times zero, when the addend of fma is a quiet NaN, then NV is raised all the same", () => {
  is(fma(binary32, INFINITY, ZERO, QUIET_NAN, RNE), CANONICAL_NAN, NV);
  is(fma(binary32, MINUS_ZERO, INFINITY, QUIET_NAN, RNE), CANONICAL_NAN, NV);
});

test("given a zero divisor, when dividing, then DZ for a finite dividend and no flag for infinity", () => {
  is(div(binary32, ONE, MINUS_ZERO, RNE), MINUS_INFINITY, DZ);
  is(div(binary32, INFINITY, MINUS_ZERO, RNE), MINUS_INFINITY, 0);
});

test("given operands that cancel, when summed, then +0, but -0 when rounding down", () => {
  is(sub(binary32, ONE, ONE, RNE), ZERO, 0);
  is(sub(binary32, ONE, ONE, RDN), MINUS_ZERO, 0);
  is(add(binary32, MINUS_ZERO, MINUS_ZERO, RUP), MINUS_ZERO, 0);
  is(add(binary32, MINUS_ZERO, ZERO, RNE), ZERO, 0);
  is(fma(binary32, ONE, MINUS_ONE, ONE, RDN), MINUS_ZERO, 0);
  is(fma(binary32, MINUS_ONE, ZERO, MINUS_ZERO, RNE), MINUS_ZERO, 0);
  is(sqrt(binary32, MINUS_ZERO, RNE), MINUS_ZERO, 0);
});

test("given a result just below the smallest normal number, when it rounds up to it, then tininess is judged after rounding", () => {
  // (1 - 2^-24) * 2^-126: a tie that goes up to 2^-126 even with an unbounded exponent range, if it has 24 bits only.
  const almostOne = 0x3f7f_ffffn;
  is(mul(binary32, almostOne, SMALLEST_NORMAL, RNE), SMALLEST_NORMAL, NX | UF);
  is(mul(binary32, almostOne, SMALLEST_NORMAL, RTZ), LARGEST_SUBNORMAL, NX | UF);
  // A value with more bits, 2^-126 * (1 - 2^-30): rounds to 2^-126 at any precision.
  const justBelow = fma(binary64, 0x3e10_0000_0000_0000n, 0xb810_0000_0000_0000n, 0x3810_0000_0000_0000n, RNE);
  assert.is(justBelow.flags, 0);
  is(convert(binary64, binary32, justBelow.bits, RNE), SMALLEST_NORMAL, NX);
  is(convert(binary64, binary32, justBelow.bits, RDN), LARGEST_SUBNORMAL, NX | UF);
});

test("given an exact subnormal result, when computed, then no underflow", () => {
  is(sub(binary32, SMALLEST_NORMAL, SMALLEST, RNE), LARGEST_SUBNORMAL, 0);
});

test("given a result beyond the range, when rounding away from it, then the largest number with OF and NX", () => {
  is(add(binary32, LARGEST, LARGEST, RNE), INFINITY, OF | NX);
  is(add(binary32, LARGEST, LARGEST, RMM), INFINITY, OF | NX);
  is(add(binary32, LARGEST, LARGEST, RTZ), LARGEST, OF | NX);
  is(add(binary32, LARGEST, LARGEST, RDN), LARGEST, OF | NX);
  is(add(binary32, LARGEST, LARGEST, RUP), INFINITY, OF | NX);
  is(mul(binary32, LARGEST, MINUS_INFINITY, RTZ), MINUS_INFINITY, 0);
});

test("given NaN operands, when min and max choose, then the number, NV for a signalling NaN, and the canonical NaN for two", () => {
  is(min(binary32, QUIET_NAN, ONE), ONE, 0);
  is(max(binary32, ONE, SIGNALLING_NAN), ONE, NV);
  is(min(binary32, QUIET_NAN, QUIET_NAN), CANONICAL_NAN, 0);
  is(max(binary32, QUIET_NAN, SIGNALLING_NAN), CANONICAL_NAN, NV);
});

test("given zeros of both signs, when min and max choose, then -0 is the smaller, in either order", () => {
  is(min(binary32, ZERO, MINUS_ZERO), MINUS_ZERO, 0);
  is(min(binary32, MINUS_ZERO, ZERO), MINUS_ZERO, 0);
  is(max(binary32, ZERO, MINUS_ZERO), ZERO, 0);
  is(max(binary32, MINUS_ZERO, ZERO), ZERO, 0);
});

test("given a quiet NaN, when compared, then feq is quiet, flt and fle raise NV", () => {
  is(eq(binary32, QUIET_NAN, QUIET_NAN), 0n, 0);
  is(lt(binary32, QUIET_NAN, ONE), 0n, NV);
  is(le(binary32, ONE, QUIET_NAN), 0n, NV);
});

test("given one number of each class, when classified, then fclass sets the bit of table 11.3", () => {
  const inOrder = [
    ...[MINUS_INFINITY, MINUS_ONE, 0x8000_0001n, MINUS_ZERO, ZERO],
    ...[LARGEST_SUBNORMAL, SMALLEST_NORMAL, INFINITY, SIGNALLING_NAN, QUIET_NAN],
  ];
  assert.equal(
    inOrder.map((bits) => classify(binary32, bits)),
    inOrder.map((_, bit) => 1n << BigInt(bit)),
  );
});

test("given numbers out of range, when converted to integers, then they saturate as in table 11.2 with NV alone", () => {
  const signed32 = { width: 32, signed: true } as const;
  const unsigned32 = { width: 32, signed: false } as const;
  const signed64 = { width: 64, signed: true } as const;
  const unsigned64 = { width: 64, signed: false } as const;
  for (const high of [QUIET_NAN, SIGNALLING_NAN, INFINITY, LARGEST]) {
    is(toInt(binary32, high, signed32, RTZ), 0x7fff_ffffn, NV);
    is(toInt(binary32, high, unsigned32, RTZ), 0xffff_ffff_ffff_ffffn, NV);
    is(toInt(binary32, high, signed64, RTZ), 0x7fff_ffff_ffff_ffffn, NV);
    is(toInt(binary32, high, unsigned64, RTZ), 0xffff_ffff_ffff_ffffn, NV);
  }
  is(toInt(binary32, MINUS_INFINITY, signed32, RTZ), 0xffff_ffff_8000_0000n, NV);
  is(toInt(binary32, MINUS_INFINITY, signed64, RTZ), 0x8000_0000_0000_0000n, NV);
  is(toInt(binary32, MINUS_ONE, unsigned32, RTZ), 0n, NV);
  is(toInt(binary32, MINUS_ONE, unsigned64, RTZ), 0n, NV);
});

test("given the ends of the integers' range, when converted, then they are valid, and invalid where rounding passes them", () => {
  const signed = { width: 32, signed: true } as const;
  const unsigned = { width: 32, signed: false } as const;
  is(toInt(binary64, 0x41df_ffff_ffc0_0000n, signed, RNE), 0x7fff_ffffn, 0);
  is(toInt(binary64, 0x41df_ffff_ffe0_0000n, signed, RTZ), 0x7fff_ffffn, NX);
  is(toInt(binary64, 0x41df_ffff_ffe0_0000n, signed, RNE), 0x7fff_ffffn, NV);
  is(toInt(binary64, 0xc1e0_0000_0000_0000n, signed, RNE), 0xffff_ffff_8000_0000n, 0);
  is(toInt(binary64, 0x41ef_ffff_ffe0_0000n, unsigned, RNE), 0xffff_ffff_ffff_ffffn, 0);
  is(toInt(binary64, 0x41ef_ffff_fff0_0000n, unsigned, RUP), 0xffff_ffff_ffff_ffffn, NV);
});

test("given a small negative number, when converted to an unsigned integer, then invalid only if it rounds to below zero", () => {
  const minusHalf = 0xbf00_0000n;
  const type = { width: 32, signed: false } as const;
  is(toInt(binary32, minusHalf, type, RTZ), 0n, NX);
  is(toInt(binary32, minusHalf, type, RNE), 0n, NX);
  is(toInt(binary32, minusHalf, type, RMM), 0n, NV);
  is(toInt(binary32, minusHalf, type, RDN), 0n, NV);
  is(toInt(binary32, MINUS_ZERO, type, RDN), 0n, 0);
});

test("given an unsigned 32-bit result above 2^31, when it reaches the register, then it is sign-extended", () => {
  is(toInt(binary32, 0x4f00_0000n, { width: 32, signed: false }, RNE), 0xffff_ffff_8000_0000n, 0);
});

test("given a register with a high half, when a 32-bit integer is converted, then only the low half counts", () => {
  is(fromInt(binary32, 0xdead_beef_0000_0001n, { width: 32, signed: true }, RNE), ONE, 0);
  is(fromInt(binary32, 0x0000_0000_ffff_ffffn, { width: 32, signed: true }, RNE), MINUS_ONE, 0);
  is(fromInt(binary32, 0xffff_ffff_ffff_ffffn, { width: 32, signed: false }, RTZ), 0x4f7f_ffffn, NX);
  is(fromInt(binary32, 0n, { width: 64, signed: true }, RDN), ZERO, 0);
});

test.run();
