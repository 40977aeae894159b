/** M: multiplication and division (unprivileged spec, chapter 13). */
import { FORMATS } from "./formats.js";
import type { InstructionTable, Semantics } from "./instruction.js";
import type { Ops } from "../hart/ops.js";

const { R } = FORMATS;
const ALL_ONES = -1n;
const MOST_NEGATIVE_64 = -(1n << 63n);
const MOST_NEGATIVE_32 = -(1n << 31n);

/** The upper half of the unsigned product, from 32-bit parts. WebAssembly has no such instruction. */
function multiplyHighUnsigned<V, C, R>(o: Ops<V, C, R>, a: V, b: V): V {
  const shift = o.i64(32n);
  const aLow = o.bind(o.zeroExtend(a, 32));
  const aHigh = o.bind(o.shrU(a, shift));
  const bLow = o.bind(o.zeroExtend(b, 32));
  const bHigh = o.bind(o.shrU(b, shift));
  const lowHigh = o.bind(o.mul(aLow, bHigh));
  const middle = o.bind(o.add(o.mul(aHigh, bLow), o.shrU(o.mul(aLow, bLow), shift)));
  const carry = o.shrU(o.add(o.zeroExtend(middle, 32), o.zeroExtend(lowHigh, 32)), shift);
  return o.add(o.add(o.mul(aHigh, bHigh), o.add(o.shrU(middle, shift), o.shrU(lowHigh, shift))), carry);
}

/** The correction of the unsigned product's upper half for a negative factor: minus the other factor. */
const signCorrection = <V, C, R>(o: Ops<V, C, R>, signed: V, other: V): V => o.and(o.shrS(signed, o.i64(63n)), other);

const highPart =
  (aSigned: boolean, bSigned: boolean): Semantics =>
  (o, { rd, rs1, rs2 }) => {
    const a = o.bind(o.x(rs1));
    const b = o.bind(o.x(rs2));
    let high = multiplyHighUnsigned(o, a, b);
    if (aSigned) high = o.sub(high, signCorrection(o, a, b));
    if (bSigned) high = o.sub(high, signCorrection(o, b, a));
    o.setX(rd, high);
  };

type Division = "divS" | "divU" | "remS" | "remU";

/** §13.2: x / 0 is all ones and x % 0 is x. Signed overflow gives the dividend and 0. Nothing traps. */
const divide =
  (division: Division, bits: 32 | 64): Semantics =>
  (o, { rd, rs1, rs2 }) => {
    const signed = division.endsWith("S");
    const widen = <V, C, R>(p: Ops<V, C, R>, value: V): V =>
      bits === 64 ? value : signed ? p.signExtend(value, 32) : p.zeroExtend(value, 32);
    const dividend = o.bind(widen(o, o.x(rs1)));
    const divisor = o.bind(widen(o, o.x(rs2)));
    const byZero = o.eq(divisor, o.i64(0n));
    const mostNegative = o.i64(bits === 64 ? MOST_NEGATIVE_64 : MOST_NEGATIVE_32);
    const overflow = o.both(o.eq(dividend, mostNegative), o.eq(divisor, o.i64(ALL_ONES)));
    // Dividing by 1 gives what the overflow rule requires: the dividend, and 0.
    const guarded = o.select(signed ? o.either(byZero, overflow) : byZero, o.i64(1n), divisor);
    const onZero = division.startsWith("div") ? o.i64(ALL_ONES) : dividend;
    const result = o.select(byZero, onZero, o[division](dividend, guarded));
    o.setX(rd, bits === 64 ? result : o.signExtend(result, 32));
  };

// prettier-ignore
export const RV64M = {
  mul:    { format: R, mask: 0xfe00_707f, match: 0x0200_0033, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.mul(o.x(rs1), o.x(rs2))); } },
  mulh:   { format: R, mask: 0xfe00_707f, match: 0x0200_1033, execute: highPart(true, true) },
  mulhsu: { format: R, mask: 0xfe00_707f, match: 0x0200_2033, execute: highPart(true, false) },
  mulhu:  { format: R, mask: 0xfe00_707f, match: 0x0200_3033, execute: highPart(false, false) },
  div:    { format: R, mask: 0xfe00_707f, match: 0x0200_4033, execute: divide("divS", 64) },
  divu:   { format: R, mask: 0xfe00_707f, match: 0x0200_5033, execute: divide("divU", 64) },
  rem:    { format: R, mask: 0xfe00_707f, match: 0x0200_6033, execute: divide("remS", 64) },
  remu:   { format: R, mask: 0xfe00_707f, match: 0x0200_7033, execute: divide("remU", 64) },
  mulw:   { format: R, mask: 0xfe00_707f, match: 0x0200_003b, execute: (o, { rd, rs1, rs2 }) => { o.setX(rd, o.signExtend(o.mul(o.x(rs1), o.x(rs2)), 32)); } },
  divw:   { format: R, mask: 0xfe00_707f, match: 0x0200_403b, execute: divide("divS", 32) },
  divuw:  { format: R, mask: 0xfe00_707f, match: 0x0200_503b, execute: divide("divU", 32) },
  remw:   { format: R, mask: 0xfe00_707f, match: 0x0200_603b, execute: divide("remS", 32) },
  remuw:  { format: R, mask: 0xfe00_707f, match: 0x0200_703b, execute: divide("remU", 32) },
} as const satisfies InstructionTable;
