/** Decodes an encoding into the instruction and its operands. */
import { immediateOf, registerOf } from "./bit-fields.js";
import { bucketOf, encodingsOf, isCompressed, type Encoding } from "./encodings.js";
import type { OperandFields } from "./formats.js";
import type { NumberedInstruction } from "./instruction-set.js";

export { isCompressed };

export interface DecodedInstruction extends OperandFields {
  readonly instruction: NumberedInstruction;
  /** The encoding: 16 or 32 bits. */
  readonly raw: number;
  readonly bytes: 2 | 4;
}

/** Made on first use, because most are never used. */
const buckets: (readonly Encoding[] | undefined)[] = [];

/** Undefined: an illegal instruction. Only the lower 16 bits of a compressed encoding count. */
export function decode(encoding: number): DecodedInstruction | undefined {
  const raw = isCompressed(encoding) ? encoding & 0xffff : encoding | 0;
  const bucket = bucketOf(raw);
  const found = (buckets[bucket] ??= encodingsOf(bucket)).find(({ mask, match }) => (raw & mask) === match);
  if (found?.instruction === undefined) return undefined;
  const { instruction, bytes, rd, rs1, rs2, rs3, imm } = found;
  return {
    instruction,
    raw,
    bytes,
    rd: registerOf(raw, rd),
    rs1: registerOf(raw, rs1),
    rs2: registerOf(raw, rs2),
    rs3: registerOf(raw, rs3),
    imm: immediateOf(raw, imm),
  };
}
