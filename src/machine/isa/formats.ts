/** Instruction formats (unprivileged spec, §2.2 and §2.3): the operands' bits in the encoding, and their syntax. */
import { NO_IMMEDIATE, signed, unsigned, type Immediate } from "./bit-fields.js";
import { floatRegister, integerRegister } from "./registers.js";
import { CSRS } from "../hart/csr.js";
import { hexAddress } from "../../reducers/hex.js";

export interface OperandFields {
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly rs3: number;
  readonly imm: number;
}

export interface Format {
  readonly immediate: Immediate;
  /** The destination is an f register. */
  readonly writesFloat?: true;
  /** The operands in assembler syntax. */
  readonly syntax: (fields: OperandFields, raw: number) => string;
}

const x = integerRegister;
const f = floatRegister;
const none = NO_IMMEDIATE;

const immediateI = signed(12, [20, 12, 0]);
const immediateS = signed(12, [7, 5, 0], [25, 7, 5]);
const immediateB = signed(13, [8, 4, 1], [25, 6, 5], [7, 1, 11], [31, 1, 12]);
const immediateU = unsigned([12, 20, 12]);
const immediateJ = signed(21, [21, 10, 1], [20, 1, 11], [12, 8, 12], [31, 1, 20]);
const shamt5 = unsigned([20, 5, 0]);
const shamt6 = unsigned([20, 6, 0]);
const csrNumber = unsigned([20, 12, 0]);
const uimm = (raw: number): number => (raw >>> 15) & 0x1f;

const hex = (value: number): string => hexAddress(value >>> 0);
/** As assemblers have it; a number where there is no such CSR. */
export const csrName = (number: number): string => CSRS.get(number)?.name ?? hex(number);
/** What a fence orders, before and after it (unprivileged spec, §2.7). */
const ordered = (bits: number): string =>
  ["i", "o", "r", "w"].filter((_, at) => ((bits >>> (3 - at)) & 1) === 1).join("");
const fenced = (raw: number): string => {
  const [before, after] = [ordered(raw >>> 24), ordered(raw >>> 20)];
  return before === "iorw" && after === "iorw" ? "" : `${before || "0"}, ${after || "0"}`;
};
const ROUNDING_NAMES = ["rne", "rtz", "rdn", "rup", "rmm", "rm5", "rm6", undefined];
const rounding = (raw: number): string => {
  const name = ROUNDING_NAMES[(raw >>> 12) & 7];
  return name === undefined ? "" : `, ${name}`;
};

// prettier-ignore
export const FORMATS = {
  R:       { immediate: none,       syntax: ({ rd, rs1, rs2 }) => `${x(rd)}, ${x(rs1)}, ${x(rs2)}` },
  I:       { immediate: immediateI, syntax: ({ rd, rs1, imm }) => `${x(rd)}, ${x(rs1)}, ${String(imm)}` },
  shift6:  { immediate: shamt6,     syntax: ({ rd, rs1, imm }) => `${x(rd)}, ${x(rs1)}, ${hex(imm)}` },
  shift5:  { immediate: shamt5,     syntax: ({ rd, rs1, imm }) => `${x(rd)}, ${x(rs1)}, ${hex(imm)}` },
  load:    { immediate: immediateI, syntax: ({ rd, rs1, imm }) => `${x(rd)}, ${String(imm)}(${x(rs1)})` },
  store:   { immediate: immediateS, syntax: ({ rs1, rs2, imm }) => `${x(rs2)}, ${String(imm)}(${x(rs1)})` },
  B:       { immediate: immediateB, syntax: ({ rs1, rs2, imm }) => `${x(rs1)}, ${x(rs2)}, ${String(imm)}` },
  U:       { immediate: immediateU, syntax: ({ rd, imm }) => `${x(rd)}, ${hex(imm >>> 12)}` },
  J:       { immediate: immediateJ, syntax: ({ rd, imm }) => `${x(rd)}, ${String(imm)}` },
  csr:     { immediate: csrNumber,  syntax: ({ rd, rs1, imm }) => `${x(rd)}, ${csrName(imm)}, ${x(rs1)}` },
  csrRead: { immediate: csrNumber,  syntax: ({ rd, imm }) => `${x(rd)}, ${csrName(imm)}` },
  csrImm:  { immediate: csrNumber,  syntax: ({ rd, imm }, raw) => `${x(rd)}, ${csrName(imm)}, ${String(uimm(raw))}` },
  lr:      { immediate: none,       syntax: ({ rd, rs1 }) => `${x(rd)}, (${x(rs1)})` },
  amo:     { immediate: none,       syntax: ({ rd, rs1, rs2 }) => `${x(rd)}, ${x(rs2)}, (${x(rs1)})` },
  fence:   { immediate: none,       syntax: (_, raw) => fenced(raw) },
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
