/** A row of the semantics table: encoding, syntax and meaning of an instruction. */
import type { Immediate, RegisterField } from "./bit-fields.js";
import type { Format } from "./formats.js";
import type { Ops } from "../hart/ops.js";

export interface Instruction {
  readonly format: Format;
  /** The encoding matches if `(raw & mask) === match`. */
  readonly mask: number;
  readonly match: number;
  readonly execute: Semantics;
}

/** An encoding without an instruction. */
export interface ReservedEncoding {
  readonly mask: number;
  readonly match: number;
}

/** A 16-bit encoding of a 32-bit instruction: same semantics, other fields. */
export interface CompressedInstruction extends ReservedEncoding {
  /** The instruction that it stands for. */
  readonly name: string;
  /** The operands of this encoding. Absent ones are 0. */
  readonly rd?: RegisterField;
  readonly rs1?: RegisterField;
  readonly rs2?: RegisterField;
  readonly imm?: Immediate;
}

export type InstructionTable = Readonly<Record<string, Instruction>>;

/** The fields of a decoded instruction. */
export interface Operands<V, R> {
  readonly rd: R;
  readonly rs1: R;
  readonly rs2: R;
  readonly rs3: R;
  /** The format's immediate, sign-extended. For CSR instructions, the CSR's number. */
  readonly imm: V;
  /** For the CSR instructions with an immediate. */
  readonly uimm: V;
  readonly rm: V;
}

export type Semantics = <V, C, R>(o: Ops<V, C, R>, i: Operands<V, R>) => void;
