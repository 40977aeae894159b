/** Instruction formats (unprivileged spec, §2.2 and §2.3): where an encoding holds its operands, and how they are written. */
import { floatRegister, integerRegister } from "./registers.js";

export interface OperandFields {
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly rs3: number;
  readonly imm: number;
}

export interface Format {
  readonly immediate: (raw: number) => number;
  /** The destination is an f register. */
  readonly writesFloat?: true;
  /** The operands in assembler syntax. */
  readonly syntax: (fields: OperandFields, raw: number) => string;
}

const x = integerRegister;
const f = floatRegister;
const none = (): number => 0;

const immediateI = (raw: number): number => raw >> 20;
const immediateS = (raw: number): number => ((raw >> 25) << 5) | ((raw >>> 7) & 0x1f);
const immediateB = (raw: number): number =>
  ((raw >> 31) << 12) | ((raw << 4) & 0x800) | ((raw >>> 20) & 0x7e0) | ((raw >>> 7) & 0x1e);
const immediateU = (raw: number): number => raw & ~0xfff;
const immediateJ = (raw: number): number =>
  ((raw >> 31) << 20) | (raw & 0xff000) | ((raw >>> 9) & 0x800) | ((raw >>> 20) & 0x7fe);
const csrNumber = (raw: number): number => raw >>> 20;
const uimm = (raw: number): number => (raw >>> 15) & 0x1f;

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;
const ROUNDING_NAMES = ["rne", "rtz", "rdn", "rup", "rmm", "rm5", "rm6", undefined];
const rounding = (raw: number): string => {
  const name = ROUNDING_NAMES[(raw >>> 12) & 7];
  return name === undefined ? "" : `, ${name}`;
};

// prettier-ignore
export const FORMATS = {
  R:       { immediate: none,       syntax: ({ rd, rs1, rs2 }) => `${x(rd)}, ${x(rs1)}, ${x(rs2)}` },
  I:       { immediate: immediateI, syntax: ({ rd, rs1, imm }) => `${x(rd)}, ${x(rs1)}, ${String(imm)}` },
  shift6:  { immediate: (raw) => (raw >>> 20) & 0x3f, syntax: ({ rd, rs1, imm }) => `${x(rd)}, ${x(rs1)}, ${hex(imm)}` },
  shift5:  { immediate: (raw) => (raw >>> 20) & 0x1f, syntax: ({ rd, rs1, imm }) => `${x(rd)}, ${x(rs1)}, ${hex(imm)}` },
  load:    { immediate: immediateI, syntax: ({ rd, rs1, imm }) => `${x(rd)}, ${String(imm)}(${x(rs1)})` },
  store:   { immediate: immediateS, syntax: ({ rs1, rs2, imm }) => `${x(rs2)}, ${String(imm)}(${x(rs1)})` },
  B:       { immediate: immediateB, syntax: ({ rs1, rs2, imm }) => `${x(rs1)}, ${x(rs2)}, ${String(imm)}` },
  U:       { immediate: immediateU, syntax: ({ rd, imm }) => `${x(rd)}, ${hex(imm >>> 12)}` },
  J:       { immediate: immediateJ, syntax: ({ rd, imm }) => `${x(rd)}, ${String(imm)}` },
  csr:     { immediate: csrNumber,  syntax: ({ rd, rs1, imm }) => `${x(rd)}, ${hex(imm)}, ${x(rs1)}` },
  csrRead: { immediate: csrNumber,  syntax: ({ rd, imm }) => `${x(rd)}, ${hex(imm)}` },
  csrImm:  { immediate: csrNumber,  syntax: ({ rd, imm }, raw) => `${x(rd)}, ${hex(imm)}, ${String(uimm(raw))}` },
  lr:      { immediate: none,       syntax: ({ rd, rs1 }) => `${x(rd)}, (${x(rs1)})` },
  amo:     { immediate: none,       syntax: ({ rd, rs1, rs2 }) => `${x(rd)}, ${x(rs2)}, (${x(rs1)})` },
  sfence:  { immediate: none,       syntax: ({ rs1, rs2 }) => `${x(rs1)}, ${x(rs2)}` },
  bare:    { immediate: none,       syntax: () => "" },
  fLoad:   { writesFloat: true, immediate: immediateI, syntax: ({ rd, rs1, imm }) => `${f(rd)}, ${String(imm)}(${x(rs1)})` },
  fStore:  { immediate: immediateS, syntax: ({ rs1, rs2, imm }) => `${f(rs2)}, ${String(imm)}(${x(rs1)})` },
  fff:     { writesFloat: true, immediate: none,       syntax: ({ rd, rs1, rs2 }) => `${f(rd)}, ${f(rs1)}, ${f(rs2)}` },
  fffRm:   { writesFloat: true, immediate: none,       syntax: ({ rd, rs1, rs2 }, raw) => `${f(rd)}, ${f(rs1)}, ${f(rs2)}${rounding(raw)}` },
  ffffRm:  { writesFloat: true, immediate: none,       syntax: ({ rd, rs1, rs2, rs3 }, raw) => `${f(rd)}, ${f(rs1)}, ${f(rs2)}, ${f(rs3)}${rounding(raw)}` },
  ffRm:    { writesFloat: true, immediate: none,       syntax: ({ rd, rs1 }, raw) => `${f(rd)}, ${f(rs1)}${rounding(raw)}` },
  xff:     { immediate: none,       syntax: ({ rd, rs1, rs2 }) => `${x(rd)}, ${f(rs1)}, ${f(rs2)}` },
  xf:      { immediate: none,       syntax: ({ rd, rs1 }) => `${x(rd)}, ${f(rs1)}` },
  fx:      { writesFloat: true, immediate: none,       syntax: ({ rd, rs1 }) => `${f(rd)}, ${x(rs1)}` },
  xfRm:    { immediate: none,       syntax: ({ rd, rs1 }, raw) => `${x(rd)}, ${f(rs1)}${rounding(raw)}` },
  fxRm:    { writesFloat: true, immediate: none,       syntax: ({ rd, rs1 }, raw) => `${f(rd)}, ${x(rs1)}${rounding(raw)}` },
} as const satisfies Record<string, Format>;
