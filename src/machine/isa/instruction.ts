/** A row of the semantics table: how an instruction is encoded, written and executed. */
import type { Format } from "./formats.js";
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
  /** Undefined where the encoding is reserved. */
  readonly expand: (raw: number) => Expansion | undefined;
}

export interface Expansion {
  readonly name: string;
  readonly rd?: number;
  readonly rs1?: number;
  readonly rs2?: number;
  readonly imm?: number;
}

export type InstructionTable = Readonly<Record<string, Instruction>>;
