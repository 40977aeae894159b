/**
 * The order of locals in a trace's function: first those of 64 bits (the address space, the pc, registers, what
 * instructions compute), then those of 32 (floating point's conditions, host addresses, what is computed), then floats.
 */
import type { FloatStatus } from "../compiled/code-entry.js";
import type { ByteWriter } from "../../byte-writer.js";
import { VALUE_TYPES, type ValueType } from "../../wasm/opcodes.js";
import type { Local } from "../../wasm/assembler.js";
import { CODE_SIGNATURE } from "../compiled/code-protocol.js";

export const FIRST_LOCAL = CODE_SIGNATURE.parameters.length;

export const FIXED_LOCALS = {
  context: { index: FIRST_LOCAL, type: "i64" },
  pc: { index: FIRST_LOCAL + 1, type: "i64" },
} as const satisfies Readonly<Record<string, Local>>;

export const FIRST_REGISTER = FIRST_LOCAL + 2;

/** How many locals hold floating point's conditions. */
export const FLOAT_LOCALS = 3;

export const floatLocals = (first: number): Readonly<Record<keyof FloatStatus, Local>> => ({
  floatDirty: { index: first, type: "i32" },
  roundsToNearest: { index: first + 1, type: "i32" },
  isInexact: { index: first + 2, type: "i32" },
});

export type LocalCounts = Readonly<Record<ValueType, number>>;

/** As a function's body begins. */
export function writeLocals(writer: ByteWriter, counts: LocalCounts): void {
  const types = ["i64", "i32", "f32", "f64"] as const;
  writer.unsigned(types.length);
  for (const type of types) {
    writer.unsigned(counts[type]);
    writer.byte(VALUE_TYPES[type]);
  }
}
