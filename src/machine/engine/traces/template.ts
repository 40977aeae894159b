/**
 * Templates: what a piece of a trace is, except for the numbers that differ from place to place. Most instructions of a
 * trace are copies of the same few templates with other numbers in them.
 */
import type { ValueType } from "../../wasm/opcodes.js";
import type { RegisterFile } from "./trace-emitter.js";

/** Numbers that differ. The first one is always 0. */
export const SOURCES = [
  "nothing",
  /** The locals of the operands. */
  "rs1",
  "rs2",
  "rs3",
  "rd",
  /** The first locals for what an instruction computes. */
  "i64",
  "i32",
  "f32",
  "f64",
  "floatStatus",
  "host",
  /** How many locals there are, by type. */
  "i64Locals",
  "i32Locals",
  "f32Locals",
  "f64Locals",
  /** The destination's place among its registers, in bytes. */
  "rdBytes",
  "imm",
  /** Of the instruction, of the one behind it, of where it leads by its immediate, and of the next one of the trace. */
  "offset",
  "after",
  "taken",
  "next",
  /** Those before it. */
  "insns",
  /** Of a group of accesses: the lowest displacement, how far above it this one lies, how far all reach, minus that. */
  "lowest",
  "displacement",
  "bytes",
  "minusBytes",
  /** A page of the trace: where it begins, and the address of its slots. */
  "page",
  "code",
  /** The numbers of the ways out. */
  "site0",
  "site1",
] as const;
export type Source = (typeof SOURCES)[number];

/** A source's value, and something that is added to it. */
export interface Sum {
  readonly source: Source;
  readonly addend: number;
}

/** A number in LEB128 that is not part of the template. */
export interface Hole extends Sum {
  /** Where it goes: so many bytes of the template come first. */
  readonly at: number;
  readonly isSigned: boolean;
}

export const SITE_KINDS = ["exit", "handOver", "split"] as const;
export type SiteKind = (typeof SITE_KINDS)[number];

export interface TemplateSite {
  readonly kind: SiteKind;
  readonly offset: Sum;
  readonly insns: Sum;
}

export const OPERANDS = ["rs1", "rs2", "rs3", "rd"] as const;
export type Operand = (typeof OPERANDS)[number];

/** What becomes of an operand's register. */
export interface Use {
  readonly file: RegisterFile;
  /** Otherwise it is only written. */
  readonly isRead: boolean;
}

export interface Template {
  readonly code: Uint8Array;
  readonly holes: readonly Hole[];
  readonly sites: readonly TemplateSite[];
  readonly uses: Readonly<Partial<Record<Operand, Use>>>;
  /** How many locals it needs beside those of registers. */
  readonly temporaries: Readonly<Record<ValueType, number>>;
  /** What is checked behind it: see `CHECKED`. */
  readonly checked: number;
}
