/** C: the 16-bit encodings (unprivileged spec, chapter 27), each with the 32-bit instruction it stands for. */
import { fixedRegister, popularRegister, register, signed, unsigned } from "./bit-fields.js";
import type { CompressedInstruction, ReservedEncoding } from "./instruction.js";

/** rd/rs1 of the CR, CI and CSS formats, and their rs2. */
const full = register(7);
const fullRs2 = register(2);
const prime1 = popularRegister(7);
const prime2 = popularRegister(2);
const zero = fixedRegister(0);
const ra = fixedRegister(1);
const sp = fixedRegister(2);

const immediate6 = signed(6, [2, 5, 0], [12, 1, 5]);
const upper6 = signed(18, [2, 5, 12], [12, 1, 17]);
const shift6 = unsigned([2, 5, 0], [12, 1, 5]);
const offsetWord = unsigned([6, 1, 2], [10, 3, 3], [5, 1, 6]);
const offsetDouble = unsigned([10, 3, 3], [5, 2, 6]);
const spLoadWord = unsigned([4, 3, 2], [12, 1, 5], [2, 2, 6]);
const spLoadDouble = unsigned([5, 2, 3], [12, 1, 5], [2, 3, 6]);
const spStoreWord = unsigned([9, 4, 2], [7, 2, 6]);
const spStoreDouble = unsigned([10, 3, 3], [7, 3, 6]);
const branchOffset = signed(9, [3, 2, 1], [10, 2, 3], [2, 1, 5], [5, 2, 6], [12, 1, 8]);
// prettier-ignore
const jumpOffset = signed(12, [3, 3, 1], [11, 1, 4], [2, 1, 5], [7, 1, 6], [6, 1, 7], [9, 2, 8], [8, 1, 10], [12, 1, 11]);
const addi4spn = unsigned([6, 1, 2], [5, 1, 3], [11, 2, 4], [7, 4, 6]);
const addi16sp = signed(10, [6, 1, 4], [2, 1, 5], [5, 1, 6], [3, 2, 7], [12, 1, 9]);

/** Encodings that would match an instruction below, but have a 0 in an operand that must not be 0. They come first. */
export const RESERVED: readonly ReservedEncoding[] = [
  /* c.addi4spn */ { mask: 0xffe3, match: 0x0000 },
  /* c.addiw */ { mask: 0xef83, match: 0x2001 },
  /* c.addi16sp */ { mask: 0xffff, match: 0x6101 },
  /* c.lui */ { mask: 0xf07f, match: 0x6001 },
  /* c.lwsp */ { mask: 0xef83, match: 0x4002 },
  /* c.ldsp */ { mask: 0xef83, match: 0x6002 },
  /* c.jr */ { mask: 0xffff, match: 0x8002 },
];

// prettier-ignore
export const RV64C: Readonly<Record<string, CompressedInstruction>> = {
  "c.addi4spn": { mask: 0xe003, match: 0x0000, name: "addi", rd: prime2, rs1: sp, imm: addi4spn },
  "c.fld":  { mask: 0xe003, match: 0x2000, name: "fld", rd: prime2, rs1: prime1, imm: offsetDouble },
  "c.lw":   { mask: 0xe003, match: 0x4000, name: "lw", rd: prime2, rs1: prime1, imm: offsetWord },
  "c.ld":   { mask: 0xe003, match: 0x6000, name: "ld", rd: prime2, rs1: prime1, imm: offsetDouble },
  "c.fsd":  { mask: 0xe003, match: 0xa000, name: "fsd", rs2: prime2, rs1: prime1, imm: offsetDouble },
  "c.sw":   { mask: 0xe003, match: 0xc000, name: "sw", rs2: prime2, rs1: prime1, imm: offsetWord },
  "c.sd":   { mask: 0xe003, match: 0xe000, name: "sd", rs2: prime2, rs1: prime1, imm: offsetDouble },

  "c.addi":  { mask: 0xe003, match: 0x0001, name: "addi", rd: full, rs1: full, imm: immediate6 },
  "c.addiw": { mask: 0xe003, match: 0x2001, name: "addiw", rd: full, rs1: full, imm: immediate6 },
  "c.li":    { mask: 0xe003, match: 0x4001, name: "addi", rd: full, rs1: zero, imm: immediate6 },
  "c.addi16sp": { mask: 0xef83, match: 0x6101, name: "addi", rd: sp, rs1: sp, imm: addi16sp },
  "c.lui":   { mask: 0xe003, match: 0x6001, name: "lui", rd: full, imm: upper6 },
  "c.srli":  { mask: 0xec03, match: 0x8001, name: "srli", rd: prime1, rs1: prime1, imm: shift6 },
  "c.srai":  { mask: 0xec03, match: 0x8401, name: "srai", rd: prime1, rs1: prime1, imm: shift6 },
  "c.andi":  { mask: 0xec03, match: 0x8801, name: "andi", rd: prime1, rs1: prime1, imm: immediate6 },
  "c.sub":   { mask: 0xfc63, match: 0x8c01, name: "sub", rd: prime1, rs1: prime1, rs2: prime2 },
  "c.xor":   { mask: 0xfc63, match: 0x8c21, name: "xor", rd: prime1, rs1: prime1, rs2: prime2 },
  "c.or":    { mask: 0xfc63, match: 0x8c41, name: "or", rd: prime1, rs1: prime1, rs2: prime2 },
  "c.and":   { mask: 0xfc63, match: 0x8c61, name: "and", rd: prime1, rs1: prime1, rs2: prime2 },
  "c.subw":  { mask: 0xfc63, match: 0x9c01, name: "subw", rd: prime1, rs1: prime1, rs2: prime2 },
  "c.addw":  { mask: 0xfc63, match: 0x9c21, name: "addw", rd: prime1, rs1: prime1, rs2: prime2 },
  "c.j":     { mask: 0xe003, match: 0xa001, name: "jal", rd: zero, imm: jumpOffset },
  "c.beqz":  { mask: 0xe003, match: 0xc001, name: "beq", rs1: prime1, rs2: zero, imm: branchOffset },
  "c.bnez":  { mask: 0xe003, match: 0xe001, name: "bne", rs1: prime1, rs2: zero, imm: branchOffset },

  "c.slli":  { mask: 0xe003, match: 0x0002, name: "slli", rd: full, rs1: full, imm: shift6 },
  "c.fldsp": { mask: 0xe003, match: 0x2002, name: "fld", rd: full, rs1: sp, imm: spLoadDouble },
  "c.lwsp":  { mask: 0xe003, match: 0x4002, name: "lw", rd: full, rs1: sp, imm: spLoadWord },
  "c.ldsp":  { mask: 0xe003, match: 0x6002, name: "ld", rd: full, rs1: sp, imm: spLoadDouble },
  "c.ebreak": { mask: 0xffff, match: 0x9002, name: "ebreak" },
  "c.jr":    { mask: 0xf07f, match: 0x8002, name: "jalr", rd: zero, rs1: full },
  "c.jalr":  { mask: 0xf07f, match: 0x9002, name: "jalr", rd: ra, rs1: full },
  "c.mv":    { mask: 0xf003, match: 0x8002, name: "add", rd: full, rs1: zero, rs2: fullRs2 },
  "c.add":   { mask: 0xf003, match: 0x9002, name: "add", rd: full, rs1: full, rs2: fullRs2 },
  "c.fsdsp": { mask: 0xe003, match: 0xa002, name: "fsd", rs2: fullRs2, rs1: sp, imm: spStoreDouble },
  "c.swsp":  { mask: 0xe003, match: 0xc002, name: "sw", rs2: fullRs2, rs1: sp, imm: spStoreWord },
  "c.sdsp":  { mask: 0xe003, match: 0xe002, name: "sd", rs2: fullRs2, rs1: sp, imm: spStoreDouble },
};
