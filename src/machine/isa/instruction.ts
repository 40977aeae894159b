/** A row of the semantics table: how an instruction is encoded, written and executed. */
import type { Format, OperandFields } from "./formats.js";
import type { Semantics } from "./ops.js";

export interface Instruction {
  readonly format: Format;
  /** An encoding is this instruction where `(raw & mask) === match`. */
  readonly mask: number;
  readonly match: number;
  readonly execute: Semantics;
}

/** A 16-bit encoding of a 32-bit instruction: same meaning, other fields. */
export interface CompressedInstruction {
  readonly mask: number;
  readonly match: number;
  /** The instruction that it stands for. */
  readonly name: string;
  /** The operands that this one has; undefined where the encoding is reserved. */
  readonly expand: (raw: number) => Partial<OperandFields> | undefined;
}

export type InstructionTable = Readonly<Record<string, Instruction>>;
