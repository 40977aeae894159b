/** C: the 16-bit encodings (unprivileged spec, chapter 27), each as the 32-bit instruction it stands for. */
import type { CompressedInstruction, Expansion } from "./instruction.js";

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

type Expand = (raw: number) => Expansion | undefined;

const loadAt =
  (name: string, offset: (raw: number) => number): Expand =>
  (raw) => ({
    name,
    rd: prime2(raw),
    rs1: prime1(raw),
    imm: offset(raw),
  });

const storeAt =
  (name: string, offset: (raw: number) => number): Expand =>
  (raw) => ({
    name,
    rs2: prime2(raw),
    rs1: prime1(raw),
    imm: offset(raw),
  });

const loadFromStack =
  (name: string, offset: (raw: number) => number, mayBeZero = false): Expand =>
  (raw) =>
    full(raw) === 0 && !mayBeZero ? undefined : { name, rd: full(raw), rs1: SP, imm: offset(raw) };

const storeToStack =
  (name: string, offset: (raw: number) => number): Expand =>
  (raw) => ({
    name,
    rs2: fullRs2(raw),
    rs1: SP,
    imm: offset(raw),
  });

const registers =
  (name: string): Expand =>
  (raw) => ({ name, rd: prime1(raw), rs1: prime1(raw), rs2: prime2(raw) });
const onPrime =
  (name: string, imm: (raw: number) => number): Expand =>
  (raw) => ({
    name,
    rd: prime1(raw),
    rs1: prime1(raw),
    imm: imm(raw),
  });

// prettier-ignore
export const RV64C: Readonly<Record<string, CompressedInstruction>> = {
  "c.addi4spn": { mask: 0xe003, match: 0x0000, expand: (raw) => addi4spn(raw) === 0 ? undefined : { name: "addi", rd: prime2(raw), rs1: SP, imm: addi4spn(raw) } },
  "c.fld":  { mask: 0xe003, match: 0x2000, expand: loadAt("fld", offsetDouble) },
  "c.lw":   { mask: 0xe003, match: 0x4000, expand: loadAt("lw", offsetWord) },
  "c.ld":   { mask: 0xe003, match: 0x6000, expand: loadAt("ld", offsetDouble) },
  "c.fsd":  { mask: 0xe003, match: 0xa000, expand: storeAt("fsd", offsetDouble) },
  "c.sw":   { mask: 0xe003, match: 0xc000, expand: storeAt("sw", offsetWord) },
  "c.sd":   { mask: 0xe003, match: 0xe000, expand: storeAt("sd", offsetDouble) },

  "c.addi":  { mask: 0xe003, match: 0x0001, expand: (raw) => ({ name: "addi", rd: full(raw), rs1: full(raw), imm: immediate6(raw) }) },
  "c.addiw": { mask: 0xe003, match: 0x2001, expand: (raw) => full(raw) === 0 ? undefined : { name: "addiw", rd: full(raw), rs1: full(raw), imm: immediate6(raw) } },
  "c.li":    { mask: 0xe003, match: 0x4001, expand: (raw) => ({ name: "addi", rd: full(raw), rs1: ZERO, imm: immediate6(raw) }) },
  "c.addi16sp": { mask: 0xef83, match: 0x6101, expand: (raw) => addi16sp(raw) === 0 ? undefined : { name: "addi", rd: SP, rs1: SP, imm: addi16sp(raw) } },
  "c.lui":   { mask: 0xe003, match: 0x6001, expand: (raw) => immediate6(raw) === 0 ? undefined : { name: "lui", rd: full(raw), imm: immediate6(raw) << 12 } },
  "c.srli":  { mask: 0xec03, match: 0x8001, expand: onPrime("srli", shift6) },
  "c.srai":  { mask: 0xec03, match: 0x8401, expand: onPrime("srai", shift6) },
  "c.andi":  { mask: 0xec03, match: 0x8801, expand: onPrime("andi", immediate6) },
  "c.sub":   { mask: 0xfc63, match: 0x8c01, expand: registers("sub") },
  "c.xor":   { mask: 0xfc63, match: 0x8c21, expand: registers("xor") },
  "c.or":    { mask: 0xfc63, match: 0x8c41, expand: registers("or") },
  "c.and":   { mask: 0xfc63, match: 0x8c61, expand: registers("and") },
  "c.subw":  { mask: 0xfc63, match: 0x9c01, expand: registers("subw") },
  "c.addw":  { mask: 0xfc63, match: 0x9c21, expand: registers("addw") },
  "c.j":     { mask: 0xe003, match: 0xa001, expand: (raw) => ({ name: "jal", rd: ZERO, imm: jumpOffset(raw) }) },
  "c.beqz":  { mask: 0xe003, match: 0xc001, expand: (raw) => ({ name: "beq", rs1: prime1(raw), rs2: ZERO, imm: branchOffset(raw) }) },
  "c.bnez":  { mask: 0xe003, match: 0xe001, expand: (raw) => ({ name: "bne", rs1: prime1(raw), rs2: ZERO, imm: branchOffset(raw) }) },

  "c.slli":  { mask: 0xe003, match: 0x0002, expand: (raw) => ({ name: "slli", rd: full(raw), rs1: full(raw), imm: shift6(raw) }) },
  "c.fldsp": { mask: 0xe003, match: 0x2002, expand: loadFromStack("fld", spLoadDouble, true) },
  "c.lwsp":  { mask: 0xe003, match: 0x4002, expand: loadFromStack("lw", spLoadWord) },
  "c.ldsp":  { mask: 0xe003, match: 0x6002, expand: loadFromStack("ld", spLoadDouble) },
  "c.ebreak": { mask: 0xffff, match: 0x9002, expand: () => ({ name: "ebreak" }) },
  "c.jr":    { mask: 0xf07f, match: 0x8002, expand: (raw) => full(raw) === 0 ? undefined : { name: "jalr", rd: ZERO, rs1: full(raw), imm: 0 } },
  "c.jalr":  { mask: 0xf07f, match: 0x9002, expand: (raw) => ({ name: "jalr", rd: RA, rs1: full(raw), imm: 0 }) },
  "c.mv":    { mask: 0xf003, match: 0x8002, expand: (raw) => ({ name: "add", rd: full(raw), rs1: ZERO, rs2: fullRs2(raw) }) },
  "c.add":   { mask: 0xf003, match: 0x9002, expand: (raw) => ({ name: "add", rd: full(raw), rs1: full(raw), rs2: fullRs2(raw) }) },
  "c.fsdsp": { mask: 0xe003, match: 0xa002, expand: storeToStack("fsd", spStoreDouble) },
  "c.swsp":  { mask: 0xe003, match: 0xc002, expand: storeToStack("sw", spStoreWord) },
  "c.sdsp":  { mask: 0xe003, match: 0xe002, expand: storeToStack("sd", spStoreDouble) },
};
