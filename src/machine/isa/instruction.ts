/** A row of the semantics table: encoding, syntax and meaning of an instruction. */
import type { Immediate, RegisterField } from "./bit-fields.js";
import type { Format } from "./formats.js";
import type { Ops } from "../hart/ops.js";
import type { SystemOps } from "../hart/system-ops.js";

interface Row {
  readonly format: Format;
  /** The encoding matches if `(raw & mask) === match`. */
  readonly mask: number;
  readonly match: number;
}

/** An instruction of programs: each tier can execute it. */
export interface Instruction extends Row {
  readonly execute: Semantics;
}

/** For tiers that have CSRs, traps and the rest of the system. */
export interface SystemInstruction extends Row {
  readonly execute: SystemSemantics;
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
export type SystemInstructionTable = Readonly<Record<string, SystemInstruction>>;

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
export type SystemSemantics = <V, C, R>(o: SystemOps<V, C, R>, i: Operands<V, R>) => void;
