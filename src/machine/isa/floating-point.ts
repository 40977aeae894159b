/** F and D (unprivileged spec, chapters 21 and 22): one set of rows for both formats. */
import type { FloatFormat, FloatOperation, IntegerName } from "../float/operations.js";
import { FORMATS } from "./formats.js";
import type { Instruction, InstructionTable, Operands, Semantics } from "./instruction.js";
import type { Ops } from "../hart/ops.js";

const NAN_BOX = 0xffff_ffff_0000_0000n;
const CANONICAL_NAN_32 = 0x7fc0_0000n;
const NO_ROUNDING = 0n;

const SIGN = { s: 1n << 31n, d: 1n << 63n } as const;
const ALL = { s: 0xffff_ffffn, d: 0xffff_ffff_ffff_ffffn } as const;

/** §22.2: a single that is not NaN-boxed reads as the canonical NaN. */
const read = <V, C, R>(o: Ops<V, C, R>, format: FloatFormat, register: R): V => {
  if (format === "d") return o.bind(o.f(register));
  const raw = o.bind(o.f(register));
  const boxed = o.eq(o.and(raw, o.i64(NAN_BOX)), o.i64(NAN_BOX));
  return o.bind(o.select(boxed, o.zeroExtend(raw, 32), o.i64(CANONICAL_NAN_32)));
};

const write = <V, C, R>(o: Ops<V, C, R>, format: FloatFormat, register: R, value: V): void => {
  o.setF(register, format === "d" ? value : o.or(value, o.i64(NAN_BOX)));
  o.floatWritten();
};

type Sources = 1 | 2 | 3;

const sources = <V, C, R>(o: Ops<V, C, R>, format: FloatFormat, i: Operands<V, R>, count: Sources): V[] =>
  [i.rs1, i.rs2, i.rs3].slice(0, count).map((register) => read(o, format, register));

/** f[rd] = operation(sources), rounded by rm. */
const rounded =
  (format: FloatFormat, operation: FloatOperation, count: Sources): Semantics =>
  (o, i) => {
    o.requireFloat();
    const rm = o.roundingMode(i.rm);
    write(o, format, i.rd, o.bind(o.float(operation, rm, ...sources(o, format, i, count))));
  };

const exact =
  (format: FloatFormat, operation: FloatOperation): Semantics =>
  (o, i) => {
    o.requireFloat();
    write(o, format, i.rd, o.bind(o.float(operation, o.i64(NO_ROUNDING), ...sources(o, format, i, 2))));
  };

/** f[rd] = ±(f[rs1] * f[rs2]) ± f[rs3]. The signs of product and addend are flipped before the one rounding. */
const fused =
  (format: FloatFormat, negateProduct: boolean, negateAddend: boolean): Semantics =>
  (o, i) => {
    o.requireFloat();
    const rm = o.roundingMode(i.rm);
    const flip = (value: ReturnType<typeof o.f>, negate: boolean): typeof value =>
      negate ? o.xor(value, o.i64(SIGN[format])) : value;
    const a = flip(read(o, format, i.rs1), negateProduct);
    const b = read(o, format, i.rs2);
    const c = flip(read(o, format, i.rs3), negateAddend);
    write(o, format, i.rd, o.bind(o.float(`fma.${format}`, rm, a, b, c)));
  };

const compare =
  (format: FloatFormat, operation: FloatOperation): Semantics =>
  (o, i) => {
    o.requireFloat();
    o.setX(i.rd, o.bind(o.float(operation, o.i64(NO_ROUNDING), ...sources(o, format, i, 2))));
  };

type SignSource = "copy" | "negate" | "xor";

const injectSign =
  (format: FloatFormat, source: SignSource): Semantics =>
  (o, i) => {
    o.requireFloat();
    const sign = o.i64(SIGN[format]);
    const a = read(o, format, i.rs1);
    const b = read(o, format, i.rs2);
    const selected = source === "copy" ? b : source === "negate" ? o.xor(b, sign) : o.xor(a, b);
    const magnitude = o.and(a, o.i64(ALL[format] ^ SIGN[format]));
    write(o, format, i.rd, o.bind(o.or(magnitude, o.and(selected, sign))));
  };

const toInteger =
  (format: FloatFormat, integer: IntegerName): Semantics =>
  (o, i) => {
    o.requireFloat();
    const rm = o.roundingMode(i.rm);
    o.setX(i.rd, o.bind(o.float(`to.${integer}.${format}`, rm, read(o, format, i.rs1))));
  };

const fromInteger =
  (format: FloatFormat, integer: IntegerName): Semantics =>
  (o, i) => {
    o.requireFloat();
    const rm = o.roundingMode(i.rm);
    write(o, format, i.rd, o.bind(o.float(`from.${integer}.${format}`, rm, o.x(i.rs1))));
  };

const convertFormat =
  (from: FloatFormat, to: FloatFormat): Semantics =>
  (o, i) => {
    o.requireFloat();
    const rm = o.roundingMode(i.rm);
    const operation = to === "s" ? "convert.s.d" : "convert.d.s";
    write(o, to, i.rd, o.bind(o.float(operation, rm, read(o, from, i.rs1))));
  };

const INTEGER_CODES: readonly (readonly [IntegerName, number])[] = [
  ["w", 0],
  ["wu", 1],
  ["l", 2],
  ["lu", 3],
];

const ANY_RM = 0xfe00_007f;
const FUNCT3 = 0xfe00_707f;
const RS2 = 0xfff0_007f;
const RS2_FUNCT3 = 0xfff0_707f;

const fmtOf = (format: FloatFormat): number => (format === "d" ? 1 : 0);

/** OP-FP: funct7 = funct5 | fmt. */
const opFp = (format: FloatFormat, funct5: number, rest = 0): number =>
  ((funct5 << 27) | (fmtOf(format) << 25) | rest | 0x53) >>> 0;

function rows(format: FloatFormat): Record<string, Instruction> {
  const width = format === "d" ? 8 : 4;
  const memoryWidth = format === "d" ? 0x3000 : 0x2000;
  const fused4 = (opcode: number, negateProduct: boolean, negateAddend: boolean): Instruction => ({
    format: FORMATS.ffffRm,
    mask: 0x0600_007f,
    match: (fmtOf(format) << 25) | opcode,
    execute: fused(format, negateProduct, negateAddend),
  });
  const op = (funct5: number, rest = 0): number => opFp(format, funct5, rest);
  const { fff, fffRm, ffRm, xff, xf, fx, fLoad, fStore } = FORMATS;

  // prettier-ignore
  const table: Record<string, Instruction> = {
    [format === "d" ? "fld" : "flw"]: { format: fLoad, mask: 0x0000_707f, match: memoryWidth | 0x07, execute: (o, { rd, rs1, imm }) => {
      o.requireFloat();
      write(o, format, rd, o.bind(o.load(width, o.add(o.x(rs1), imm))));
    } },
    [format === "d" ? "fsd" : "fsw"]: { format: fStore, mask: 0x0000_707f, match: memoryWidth | 0x27, execute: (o, { rs1, rs2, imm }) => {
      o.requireFloat();
      o.store(width, o.add(o.x(rs1), imm), o.f(rs2));
    } },
    fmadd:  fused4(0x43, false, false),
    fmsub:  fused4(0x47, false, true),
    fnmsub: fused4(0x4b, true, false),
    fnmadd: fused4(0x4f, true, true),
    fadd:   { format: fffRm, mask: ANY_RM, match: op(0x00), execute: rounded(format, `add.${format}`, 2) },
    fsub:   { format: fffRm, mask: ANY_RM, match: op(0x01), execute: rounded(format, `sub.${format}`, 2) },
    fmul:   { format: fffRm, mask: ANY_RM, match: op(0x02), execute: rounded(format, `mul.${format}`, 2) },
    fdiv:   { format: fffRm, mask: ANY_RM, match: op(0x03), execute: rounded(format, `div.${format}`, 2) },
    fsqrt:  { format: ffRm,  mask: RS2,    match: op(0x0b), execute: rounded(format, `sqrt.${format}`, 1) },
    fsgnj:  { format: fff, mask: FUNCT3, match: op(0x04, 0x0000), execute: injectSign(format, "copy") },
    fsgnjn: { format: fff, mask: FUNCT3, match: op(0x04, 0x1000), execute: injectSign(format, "negate") },
    fsgnjx: { format: fff, mask: FUNCT3, match: op(0x04, 0x2000), execute: injectSign(format, "xor") },
    fmin:   { format: fff, mask: FUNCT3, match: op(0x05, 0x0000), execute: exact(format, `min.${format}`) },
    fmax:   { format: fff, mask: FUNCT3, match: op(0x05, 0x1000), execute: exact(format, `max.${format}`) },
    fle:    { format: xff, mask: FUNCT3, match: op(0x14, 0x0000), execute: compare(format, `le.${format}`) },
    flt:    { format: xff, mask: FUNCT3, match: op(0x14, 0x1000), execute: compare(format, `lt.${format}`) },
    feq:    { format: xff, mask: FUNCT3, match: op(0x14, 0x2000), execute: compare(format, `eq.${format}`) },
    fclass: { format: xf, mask: RS2_FUNCT3, match: op(0x1c, 0x1000), execute: (o, i) => {
      o.requireFloat();
      o.setX(i.rd, o.bind(o.float(`class.${format}`, o.i64(NO_ROUNDING), read(o, format, i.rs1))));
    } },
    // Moves take the register's bits unchanged, boxed or not (§21.5).
    [format === "d" ? "fmv.x" : "fmv.x.w"]: { format: xf, mask: RS2_FUNCT3, match: op(0x1c), execute: (o, { rd, rs1 }) => {
      o.requireFloat();
      o.setX(rd, format === "d" ? o.f(rs1) : o.signExtend(o.f(rs1), 32));
    } },
    [format === "d" ? "fmv.d.x" : "fmv.w.x"]: { format: fx, mask: RS2_FUNCT3, match: op(0x1e), execute: (o, { rd, rs1 }) => {
      o.requireFloat();
      write(o, format, rd, format === "d" ? o.x(rs1) : o.bind(o.zeroExtend(o.x(rs1), 32)));
    } },
  };
  return { ...table, ...conversions(format) };
}

function conversions(format: FloatFormat): Record<string, Instruction> {
  const table: Record<string, Instruction> = {};
  for (const [integer, code] of INTEGER_CODES) {
    table[`fcvt.${integer}`] = {
      format: FORMATS.xfRm,
      mask: RS2,
      match: opFp(format, 0x18, code << 20),
      execute: toInteger(format, integer),
    };
    table[`fcvt.${format}.${integer}`] = {
      format: FORMATS.fxRm,
      mask: RS2,
      match: opFp(format, 0x1a, code << 20),
      execute: fromInteger(format, integer),
    };
  }
  const other = format === "d" ? "s" : "d";
  table[`fcvt.${format}.${other}`] = {
    format: FORMATS.ffRm,
    mask: RS2,
    match: opFp(format, 0x08, fmtOf(other) << 20),
    execute: convertFormat(other, format),
  };
  return table;
}

/** Names that already contain their formats. */
const NAMED = /^(fl[wd]|fs[wd]|fmv\.x\.w|fmv\.[wd]\.x|fcvt\.[sd]\..*)$/;

const named = (format: FloatFormat): [string, Instruction][] =>
  Object.entries(rows(format)).map(([name, row]) => [NAMED.test(name) ? name : `${name}.${format}`, row]);

export const FLOATING_POINT: InstructionTable = Object.fromEntries([...named("s"), ...named("d")]);
