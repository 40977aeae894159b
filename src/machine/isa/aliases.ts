/**
 * Pseudoinstructions (RISC-V assembly programmer's manual, "A listing of standard RISC-V pseudoinstructions"): what
 * people write, and binutils print, for an instruction with some operands fixed.
 */
import { csrName, type OperandFields } from "./formats.js";
import { isCompressed } from "./encodings.js";
import { floatRegister, integerRegister } from "./registers.js";

/** The assembler text; undefined where the instruction has no shorter one. */
export function aliasOf(name: string, fields: OperandFields, raw: number): string | undefined {
  const alias = ALIASES[name]?.find(({ when }) => when(fields, raw));
  if (alias === undefined) return undefined;
  const operands = alias.operands(fields, raw);
  return operands === "" ? alias.name : `${alias.name} ${operands}`;
}

type Operands = (fields: OperandFields, raw: number) => string;

interface Alias {
  readonly name: string;
  readonly when: (fields: OperandFields, raw: number) => boolean;
  readonly operands: Operands;
}

const ZERO = 0;
const RA = 1;
const PAUSE = 0x0100_000f;
const FENCE_TSO = 0x8330_000f;

const x = integerRegister;
const f = floatRegister;

const none: Operands = () => "";
const rd: Operands = (i) => x(i.rd);
const rs1: Operands = (i) => x(i.rs1);
const imm: Operands = (i) => String(i.imm);
const csr: Operands = (i) => csrName(i.imm);
const uimm: Operands = (_, raw) => String((raw >>> 15) & 0x1f);
const rdRs1: Operands = (i) => `${x(i.rd)}, ${x(i.rs1)}`;
const rdRs2: Operands = (i) => `${x(i.rd)}, ${x(i.rs2)}`;
const rs1Imm: Operands = (i) => `${x(i.rs1)}, ${String(i.imm)}`;
const rs2Imm: Operands = (i) => `${x(i.rs2)}, ${String(i.imm)}`;
const rdImm: Operands = (i) => `${x(i.rd)}, ${String(i.imm)}`;
const offsetRs1: Operands = (i) => `${String(i.imm)}(${x(i.rs1)})`;
const rdF: Operands = (i) => f(i.rd);
const rdFloat: Operands = (i) => `${f(i.rd)}, ${f(i.rs1)}`;
const both =
  (first: Operands, second: Operands): Operands =>
  (i, raw) =>
    `${first(i, raw)}, ${second(i, raw)}`;

const has =
  (fixed: Partial<OperandFields>): Alias["when"] =>
  (fields) =>
    fields.rd === (fixed.rd ?? fields.rd) &&
    fields.rs1 === (fixed.rs1 ?? fields.rs1) &&
    fields.rs2 === (fixed.rs2 ?? fields.rs2) &&
    fields.imm === (fixed.imm ?? fields.imm);

const alias = (name: string, fixed: Partial<OperandFields>, operands: Operands): Alias => ({
  name,
  when: has(fixed),
  operands,
});

const whole = (name: string, encoding: number): Alias => ({
  name,
  when: (_, raw) => raw === (encoding | 0),
  operands: none,
});

const sameSource = (name: string): readonly Alias[] => [{ name, when: (i) => i.rs1 === i.rs2, operands: rdFloat }];

const unrounded = (name: string, operands: Operands): readonly Alias[] => [
  { name, when: (_, raw) => ((raw >>> 12) & 7) === 0, operands },
];

const FFLAGS = 0x001;
const FRM = 0x002;
const FCSR = 0x003;

/** CSRs with instructions of their own, such as frcsr and fscsr (unprivileged spec, §20.2). */
const FLOAT_CSRS = [
  [FFLAGS, "flags"],
  [FRM, "rm"],
  [FCSR, "csr"],
] as const;

const COUNTERS = [
  [0xc00, "rdcycle"],
  [0xc01, "rdtime"],
  [0xc02, "rdinstret"],
] as const;

/** The first that fits is the one. */
const ALIASES: Readonly<Record<string, readonly Alias[]>> = {
  addi: [
    alias("nop", { rd: ZERO, rs1: ZERO, imm: 0 }, none),
    alias("li", { rs1: ZERO }, rdImm),
    alias("mv", { imm: 0 }, rdRs1),
  ],
  add: [{ name: "mv", when: (i, raw) => isCompressed(raw) && i.rs1 === ZERO, operands: rdRs2 }],
  addiw: [alias("sext.w", { imm: 0 }, rdRs1)],
  andi: [alias("zext.b", { imm: 255 }, rdRs1)],
  xori: [alias("not", { imm: -1 }, rdRs1)],
  sub: [alias("neg", { rs1: ZERO }, rdRs2)],
  subw: [alias("negw", { rs1: ZERO }, rdRs2)],
  sltiu: [alias("seqz", { imm: 1 }, rdRs1)],
  sltu: [alias("snez", { rs1: ZERO }, rdRs2)],
  slt: [alias("sltz", { rs2: ZERO }, rdRs1), alias("sgtz", { rs1: ZERO }, rdRs2)],

  beq: [alias("beqz", { rs2: ZERO }, rs1Imm)],
  bne: [alias("bnez", { rs2: ZERO }, rs1Imm)],
  blt: [alias("bltz", { rs2: ZERO }, rs1Imm), alias("bgtz", { rs1: ZERO }, rs2Imm)],
  bge: [alias("blez", { rs1: ZERO }, rs2Imm), alias("bgez", { rs2: ZERO }, rs1Imm)],
  jal: [alias("j", { rd: ZERO }, imm), alias("jal", { rd: RA }, imm)],
  jalr: [
    alias("ret", { rd: ZERO, rs1: RA, imm: 0 }, none),
    alias("jr", { rd: ZERO, imm: 0 }, rs1),
    alias("jr", { rd: ZERO }, offsetRs1),
    alias("jalr", { rd: RA, imm: 0 }, rs1),
    alias("jalr", { rd: RA }, offsetRs1),
    alias("jalr", { imm: 0 }, rdRs1),
  ],

  fence: [whole("pause", PAUSE), whole("fence.tso", FENCE_TSO)],
  "sfence.vma": [alias("sfence.vma", { rs1: ZERO, rs2: ZERO }, none), alias("sfence.vma", { rs2: ZERO }, rs1)],

  csrr: [
    ...COUNTERS.map(([number, name]) => alias(name, { imm: number }, rd)),
    ...FLOAT_CSRS.map(([number, name]) => alias(`fr${name}`, { imm: number }, rd)),
  ],
  csrrw: [
    ...FLOAT_CSRS.flatMap(([number, name]) => [
      alias(`fs${name}`, { rd: ZERO, imm: number }, rs1),
      alias(`fs${name}`, { imm: number }, rdRs1),
    ]),
    alias("csrw", { rd: ZERO }, both(csr, rs1)),
  ],
  csrrs: [alias("csrs", { rd: ZERO }, both(csr, rs1))],
  csrrc: [alias("csrc", { rd: ZERO }, both(csr, rs1))],
  csrrwi: [
    alias("fsflagsi", { imm: FFLAGS }, both(rd, uimm)),
    alias("fsrmi", { imm: FRM }, both(rd, uimm)),
    alias("csrwi", { rd: ZERO }, both(csr, uimm)),
  ],
  csrrsi: [alias("csrsi", { rd: ZERO }, both(csr, uimm))],
  csrrci: [alias("csrci", { rd: ZERO }, both(csr, uimm))],

  // Nothing is rounded: a double has all of these numbers.
  "fcvt.d.w": unrounded("fcvt.d.w", both(rdF, rs1)),
  "fcvt.d.wu": unrounded("fcvt.d.wu", both(rdF, rs1)),
  "fcvt.d.s": unrounded("fcvt.d.s", rdFloat),

  "fsgnj.s": sameSource("fmv.s"),
  "fsgnj.d": sameSource("fmv.d"),
  "fsgnjn.s": sameSource("fneg.s"),
  "fsgnjn.d": sameSource("fneg.d"),
  "fsgnjx.s": sameSource("fabs.s"),
  "fsgnjx.d": sameSource("fabs.d"),
};
