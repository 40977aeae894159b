/** Which instructions are compiled, for all tiers that compile. The others are the interpreter's, and end the code. */
import { decode, isCompressed, type DecodedInstruction } from "../../isa/decode.js";
import { FLOATING_POINT } from "../../isa/floating-point.js";
import type { InstructionSet, NumberedInstruction } from "../../isa/instruction-set.js";
import type { Instruction, InstructionTable } from "../../isa/instruction.js";
import { RV64A } from "../../isa/rv64a.js";
import { RV64I } from "../../isa/rv64i.js";
import { RV64M } from "../../isa/rv64m.js";
import { ZIHINTPAUSE } from "../../isa/zihintpause.js";
import type { ExecutedPage } from "./executed-code.js";
import { PAGE_BYTES, PAGE_SHIFT } from "../layout.js";

/**
 * By set, so that a new one is not left to the interpreter by mistake. Undefined: the set is the interpreter's, because
 * it needs `SystemOps`.
 */
const COMPILED_SETS: Readonly<Record<InstructionSet, InstructionTable | undefined>> = {
  RV64I,
  RV64M,
  RV64A,
  FLOATING_POINT,
  ZICSR: undefined,
  PRIVILEGED: undefined,
  ZIHINTPAUSE,
};
/** They always trap. */
const NEVER_COMPILED: ReadonlySet<string> = new Set(["ecall", "ebreak"]);

const COMPILED: ReadonlySet<string> = new Set(
  Object.values(COMPILED_SETS)
    .flatMap((table) => Object.keys(table ?? {}))
    .filter((name) => !NEVER_COMPILED.has(name)),
);

export const BRANCHES: ReadonlySet<string> = new Set(["beq", "bne", "blt", "bge", "bltu", "bgeu"]);

export type CompiledSemantics = NumberedInstruction & Instruction;

/** An instruction of a set that is compiled. */
export interface CompilableInstruction extends DecodedInstruction {
  readonly instruction: CompiledSemantics;
}

/** The tables of the sets say so, and the compiler has checked those. */
export const isCompiled = (instruction: NumberedInstruction): instruction is CompiledSemantics =>
  COMPILED.has(instruction.name);

const isCompilable = (decoded: DecodedInstruction): decoded is CompilableInstruction => isCompiled(decoded.instruction);

/** An instruction of compiled code. */
export interface PlacedInstruction {
  /** From the start of the code's first page. It may be negative. */
  readonly offset: number;
  readonly decoded: CompilableInstruction;
}

/** How many pages from the code's first one an offset lies. */
export const distanceOf = (offset: number): number => offset >> PAGE_SHIFT;
export const offsetInPage = (offset: number): number => offset & (PAGE_BYTES - 1);

/** The instruction at this offset of the page, if it was executed and can be compiled. */
export function compilable(page: ExecutedPage | undefined, inPage: number): CompilableInstruction | undefined {
  if (page?.wasExecuted(inPage) !== true) return undefined;
  const raw = page.rawAt(inPage);
  // The last halfword may hold the first half of an instruction that straddles pages.
  if (inPage > PAGE_BYTES - 4 && !isCompressed(raw)) return undefined;
  const decoded = decode(isCompressed(raw) ? raw & 0xffff : raw);
  return decoded !== undefined && isCompilable(decoded) ? decoded : undefined;
}
