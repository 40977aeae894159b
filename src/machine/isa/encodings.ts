/** All encodings, of 32 and of 16 bits, in one form for all decoders. */
import {
  fixedRegister,
  immediateOf,
  NO_IMMEDIATE,
  placed,
  register,
  unsigned,
  type Immediate,
  type RegisterField,
} from "./bit-fields.js";
import { INSTRUCTIONS, INSTRUCTION_BY_NAME, type NumberedInstruction } from "./instruction-set.js";
import type { CompressedInstruction, ReservedEncoding } from "./instruction.js";
import { RESERVED, RV64C } from "./rv64c.js";

export interface Encoding {
  /** The encoding matches if `(raw & mask) === match`. */
  readonly mask: number;
  readonly match: number;
  /** Undefined: reserved. */
  readonly instruction: NumberedInstruction | undefined;
  readonly bytes: 2 | 4;
  readonly rd: RegisterField;
  readonly rs1: RegisterField;
  readonly rs2: RegisterField;
  readonly rs3: RegisterField;
  readonly imm: Immediate;
}

/** The two lowest bits are set in every 32-bit encoding. */
export const isCompressed = (raw: number): boolean => (raw & 3) !== 3;

/** The bits of the instruction alone, unsigned. */
export const encodingOf = (raw: number): number => (isCompressed(raw) ? raw & 0xffff : raw >>> 0);

const FIELDS = { rd: register(7), rs1: register(15), rs2: register(20), rs3: register(27) };
const ZERO = fixedRegister(0);
const WITHOUT_OPERANDS = { rd: ZERO, rs1: ZERO, rs2: ZERO, rs3: ZERO, imm: NO_IMMEDIATE };

const of32Bits = (instruction: NumberedInstruction): Encoding => {
  const { mask, match, format } = instruction;
  return { mask, match: match | 0, instruction, bytes: 4, ...FIELDS, imm: format.immediate };
};

const of16Bits = ({ name, ...row }: CompressedInstruction): Encoding => {
  const instruction = INSTRUCTION_BY_NAME.get(name);
  if (instruction === undefined) throw new Error(`a compressed instruction stands for the unknown ${name}`);
  return { ...WITHOUT_OPERANDS, ...row, instruction, bytes: 2 };
};

const reserved = (row: ReservedEncoding): Encoding => ({
  ...row,
  instruction: undefined,
  bytes: 2,
  ...WITHOUT_OPERANDS,
});

/**
 * The bits that select a bucket: funct3, and the bits in which opcodes differ. Encodings that agree in them are looked
 * up together.
 */
export const BUCKET: Readonly<Record<2 | 4, { readonly number: Immediate; readonly base: number }>> = {
  4: { number: unsigned([2, 5, 0], [12, 3, 5]), base: 0 },
  2: { number: unsigned([0, 2, 0], [13, 3, 2]), base: 256 },
};
export const BUCKETS = 256 + 32;

export function bucketOf(raw: number): number {
  const { number, base } = BUCKET[isCompressed(raw) ? 2 : 4];
  return base + immediateOf(raw, number);
}

/** In order of trial: a special case comes before the general one. */
export function encodingsOf(bucket: number): readonly Encoding[] {
  const bytes = bucket < BUCKET[2].base ? 4 : 2;
  const { number, base } = BUCKET[bytes];
  const common = placed(bucket - base, number);
  const telling = placed(-1, number);
  const isHere = ({ mask, match }: ReservedEncoding): boolean => ((match ^ common) & mask & telling) === 0;
  if (bytes === 4) return INSTRUCTIONS.filter(isHere).map(of32Bits);
  return [...RESERVED.filter(isHere).map(reserved), ...Object.values(RV64C).filter(isHere).map(of16Bits)];
}
