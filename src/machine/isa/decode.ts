/** From an encoding to the instruction and its operands. */
import type { OperandFields } from "./formats.js";
import type { CompressedInstruction } from "./instruction.js";
import { INSTRUCTIONS, INSTRUCTION_BY_NAME, type NumberedInstruction } from "./instruction-set.js";
import { RV64C } from "./rv64c.js";

export interface DecodedInstruction extends OperandFields {
  readonly instruction: NumberedInstruction;
  /** The encoding: 16 or 32 bits. */
  readonly raw: number;
  readonly bytes: 2 | 4;
  /** The name of the 16-bit encoding, where it is one. */
  readonly compressed?: string;
}

/** The two lowest bits are set in every 32-bit encoding. */
export const isCompressed = (raw: number): boolean => (raw & 3) !== 3;

/** Undefined: an illegal instruction. Only the lower 16 bits of a compressed encoding count. */
export function decode(raw: number): DecodedInstruction | undefined {
  return isCompressed(raw) ? decode16(raw & 0xffff) : decode32(raw | 0);
}

function decode32(raw: number): DecodedInstruction | undefined {
  const instruction = candidates32(bucket32(raw)).find(({ mask, match }) => (raw & mask) === (match | 0));
  if (instruction === undefined) return undefined;
  return {
    instruction,
    raw,
    bytes: 4,
    rd: (raw >>> 7) & 0x1f,
    rs1: (raw >>> 15) & 0x1f,
    rs2: (raw >>> 20) & 0x1f,
    rs3: raw >>> 27,
    imm: instruction.format.immediate(raw),
  };
}

function decode16(raw: number): DecodedInstruction | undefined {
  const entry = COMPRESSED_BY_QUADRANT[bucket16(raw)]?.find(([, { mask, match }]) => (raw & mask) === match);
  const operands = entry?.[1].expand(raw);
  if (entry === undefined || operands === undefined) return undefined;
  const instruction = INSTRUCTION_BY_NAME.get(entry[1].name);
  if (instruction === undefined) throw new Error(`${entry[0]} stands for the unknown ${entry[1].name}`);
  const { rd = 0, rs1 = 0, rs2 = 0, imm = 0 } = operands;
  return { instruction, raw, bytes: 2, compressed: entry[0], rd, rs1, rs2, rs3: 0, imm };
}

/** The opcode's five bits that differ, and funct3. */
const bucket32 = (raw: number): number => ((raw >>> 2) & 0x1f) | ((raw >>> 7) & 0xe0);
const bucket16 = (raw: number): number => (raw & 3) | ((raw >>> 11) & 0x1c);

/** Does a row with this mask and match occur among the encodings that agree with `probe` in `probeMask`? */
const meets = (mask: number, match: number, probe: number, probeMask: number): boolean =>
  ((match ^ probe) & mask & probeMask) === 0;

/** Rows in order of the table: a special case stands before the general row. Made when first asked for: most are never. */
const byOpcode: (readonly NumberedInstruction[] | undefined)[] = [];
const candidates32 = (bucket: number): readonly NumberedInstruction[] => {
  const probe = ((bucket & 0x1f) << 2) | ((bucket & 0xe0) << 7) | 3;
  return (byOpcode[bucket] ??= INSTRUCTIONS.filter(({ mask, match }) => meets(mask, match, probe, 0x707f)));
};

const COMPRESSED_BY_QUADRANT = Array.from({ length: 32 }, (_, bucket) => {
  const probe = (bucket & 3) | ((bucket & 0x1c) << 11);
  return Object.entries(RV64C).filter(([, { mask, match }]: [string, CompressedInstruction]) =>
    meets(mask, match, probe, 0xe003),
  );
});
