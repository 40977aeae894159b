/** C: the 16-bit encodings (unprivileged spec, chapter 27), each as the 32-bit instruction it stands for. */
import type { CompressedInstruction } from "./instruction.js";

/** One run of an immediate's bits: `width` bits of the encoding from bit `from`, placed at bit `to`. */
type Piece = readonly [from: number, width: number, to: number];

const gather = (raw: number, pieces: readonly Piece[]): number =>
  pieces.reduce((value, [from, width, to]) => value | (((raw >>> from) & ((1 << width) - 1)) << to), 0);

const signed = (value: number, bits: number): number => (value << (32 - bits)) >> (32 - bits);

/** rd/rs1 of the CR, CI and CSS formats, and their rs2. */
const full = (raw: number): number => (raw >>> 7) & 0x1f;
const fullRs2 = (raw: number): number => (raw >>> 2) & 0x1f;
/** x8 to x15 in three bits. */
const prime1 = (raw: number): number => 8 + ((raw >>> 7) & 7);
const prime2 = (raw: number): number => 8 + ((raw >>> 2) & 7);

const immediate6 = (raw: number): number =>
  signed(
    gather(raw, [
      [2, 5, 0],
      [12, 1, 5],
    ]),
    6,
  );
const shift6 = (raw: number): number =>
  gather(raw, [
    [2, 5, 0],
    [12, 1, 5],
  ]);
const offsetWord = (raw: number): number =>
  gather(raw, [
    [6, 1, 2],
    [10, 3, 3],
    [5, 1, 6],
  ]);
const offsetDouble = (raw: number): number =>
  gather(raw, [
    [10, 3, 3],
    [5, 2, 6],
  ]);
const spLoadWord = (raw: number): number =>
  gather(raw, [
    [4, 3, 2],
    [12, 1, 5],
    [2, 2, 6],
  ]);
const spLoadDouble = (raw: number): number =>
  gather(raw, [
    [5, 2, 3],
    [12, 1, 5],
    [2, 3, 6],
  ]);
const spStoreWord = (raw: number): number =>
  gather(raw, [
    [9, 4, 2],
    [7, 2, 6],
  ]);
const spStoreDouble = (raw: number): number =>
  gather(raw, [
    [10, 3, 3],
    [7, 3, 6],
  ]);
const branchOffset = (raw: number): number =>
  signed(
    gather(raw, [
      [3, 2, 1],
      [10, 2, 3],
      [2, 1, 5],
      [5, 2, 6],
      [12, 1, 8],
    ]),
    9,
  );
const jumpOffset = (raw: number): number =>
  signed(
    gather(raw, [
      [3, 3, 1],
      [11, 1, 4],
      [2, 1, 5],
      [7, 1, 6],
      [6, 1, 7],
      [9, 2, 8],
      [8, 1, 10],
      [12, 1, 11],
    ]),
    12,
  );
const addi4spn = (raw: number): number =>
  gather(raw, [
    [6, 1, 2],
    [5, 1, 3],
    [11, 2, 4],
    [7, 4, 6],
  ]);
const addi16sp = (raw: number): number =>
  signed(
    gather(raw, [
      [6, 1, 4],
      [2, 1, 5],
      [5, 1, 6],
      [3, 2, 7],
      [12, 1, 9],
    ]),
    10,
  );

const ZERO = 0;
const RA = 1;
const SP = 2;

type Expand = CompressedInstruction["expand"];

const loadAt =
  (offset: (raw: number) => number): Expand =>
  (raw) => ({ rd: prime2(raw), rs1: prime1(raw), imm: offset(raw) });

const storeAt =
  (offset: (raw: number) => number): Expand =>
  (raw) => ({ rs2: prime2(raw), rs1: prime1(raw), imm: offset(raw) });

const loadFromStack =
  (offset: (raw: number) => number, mayBeZero = false): Expand =>
  (raw) =>
    full(raw) === 0 && !mayBeZero ? undefined : { rd: full(raw), rs1: SP, imm: offset(raw) };

const storeToStack =
  (offset: (raw: number) => number): Expand =>
  (raw) => ({ rs2: fullRs2(raw), rs1: SP, imm: offset(raw) });

const registers: Expand = (raw) => ({ rd: prime1(raw), rs1: prime1(raw), rs2: prime2(raw) });

const onPrime =
  (imm: (raw: number) => number): Expand =>
  (raw) => ({ rd: prime1(raw), rs1: prime1(raw), imm: imm(raw) });

// prettier-ignore
export const RV64C: Readonly<Record<string, CompressedInstruction>> = {
  "c.addi4spn": { mask: 0xe003, match: 0x0000, name: "addi", expand: (raw) => addi4spn(raw) === 0 ? undefined : { rd: prime2(raw), rs1: SP, imm: addi4spn(raw) } },
  "c.fld":  { mask: 0xe003, match: 0x2000, name: "fld", expand: loadAt(offsetDouble) },
  "c.lw":   { mask: 0xe003, match: 0x4000, name: "lw", expand: loadAt(offsetWord) },
  "c.ld":   { mask: 0xe003, match: 0x6000, name: "ld", expand: loadAt(offsetDouble) },
  "c.fsd":  { mask: 0xe003, match: 0xa000, name: "fsd", expand: storeAt(offsetDouble) },
  "c.sw":   { mask: 0xe003, match: 0xc000, name: "sw", expand: storeAt(offsetWord) },
  "c.sd":   { mask: 0xe003, match: 0xe000, name: "sd", expand: storeAt(offsetDouble) },

  "c.addi":  { mask: 0xe003, match: 0x0001, name: "addi", expand: (raw) => ({ rd: full(raw), rs1: full(raw), imm: immediate6(raw) }) },
  "c.addiw": { mask: 0xe003, match: 0x2001, name: "addiw", expand: (raw) => full(raw) === 0 ? undefined : { rd: full(raw), rs1: full(raw), imm: immediate6(raw) } },
  "c.li":    { mask: 0xe003, match: 0x4001, name: "addi", expand: (raw) => ({ rd: full(raw), rs1: ZERO, imm: immediate6(raw) }) },
  "c.addi16sp": { mask: 0xef83, match: 0x6101, name: "addi", expand: (raw) => addi16sp(raw) === 0 ? undefined : { rd: SP, rs1: SP, imm: addi16sp(raw) } },
  "c.lui":   { mask: 0xe003, match: 0x6001, name: "lui", expand: (raw) => immediate6(raw) === 0 ? undefined : { rd: full(raw), imm: immediate6(raw) << 12 } },
  "c.srli":  { mask: 0xec03, match: 0x8001, name: "srli", expand: onPrime(shift6) },
  "c.srai":  { mask: 0xec03, match: 0x8401, name: "srai", expand: onPrime(shift6) },
  "c.andi":  { mask: 0xec03, match: 0x8801, name: "andi", expand: onPrime(immediate6) },
  "c.sub":   { mask: 0xfc63, match: 0x8c01, name: "sub", expand: registers },
  "c.xor":   { mask: 0xfc63, match: 0x8c21, name: "xor", expand: registers },
  "c.or":    { mask: 0xfc63, match: 0x8c41, name: "or", expand: registers },
  "c.and":   { mask: 0xfc63, match: 0x8c61, name: "and", expand: registers },
  "c.subw":  { mask: 0xfc63, match: 0x9c01, name: "subw", expand: registers },
  "c.addw":  { mask: 0xfc63, match: 0x9c21, name: "addw", expand: registers },
  "c.j":     { mask: 0xe003, match: 0xa001, name: "jal", expand: (raw) => ({ rd: ZERO, imm: jumpOffset(raw) }) },
  "c.beqz":  { mask: 0xe003, match: 0xc001, name: "beq", expand: (raw) => ({ rs1: prime1(raw), rs2: ZERO, imm: branchOffset(raw) }) },
  "c.bnez":  { mask: 0xe003, match: 0xe001, name: "bne", expand: (raw) => ({ rs1: prime1(raw), rs2: ZERO, imm: branchOffset(raw) }) },

  "c.slli":  { mask: 0xe003, match: 0x0002, name: "slli", expand: (raw) => ({ rd: full(raw), rs1: full(raw), imm: shift6(raw) }) },
  "c.fldsp": { mask: 0xe003, match: 0x2002, name: "fld", expand: loadFromStack(spLoadDouble, true) },
  "c.lwsp":  { mask: 0xe003, match: 0x4002, name: "lw", expand: loadFromStack(spLoadWord) },
  "c.ldsp":  { mask: 0xe003, match: 0x6002, name: "ld", expand: loadFromStack(spLoadDouble) },
  "c.ebreak": { mask: 0xffff, match: 0x9002, name: "ebreak", expand: () => ({}) },
  "c.jr":    { mask: 0xf07f, match: 0x8002, name: "jalr", expand: (raw) => full(raw) === 0 ? undefined : { rd: ZERO, rs1: full(raw), imm: 0 } },
  "c.jalr":  { mask: 0xf07f, match: 0x9002, name: "jalr", expand: (raw) => ({ rd: RA, rs1: full(raw), imm: 0 }) },
  "c.mv":    { mask: 0xf003, match: 0x8002, name: "add", expand: (raw) => ({ rd: full(raw), rs1: ZERO, rs2: fullRs2(raw) }) },
  "c.add":   { mask: 0xf003, match: 0x9002, name: "add", expand: (raw) => ({ rd: full(raw), rs1: full(raw), rs2: fullRs2(raw) }) },
  "c.fsdsp": { mask: 0xe003, match: 0xa002, name: "fsd", expand: storeToStack(spStoreDouble) },
  "c.swsp":  { mask: 0xe003, match: 0xc002, name: "sw", expand: storeToStack(spStoreWord) },
  "c.sdsp":  { mask: 0xe003, match: 0xe002, name: "sd", expand: storeToStack(spStoreDouble) },
};
