/** Which instructions are compiled, for all tiers that compile. The others are the interpreter's, and end the code. */
import { decode, isCompressed, type DecodedInstruction } from "../../isa/decode.js";
import { FLOATING_POINT } from "../../isa/floating-point.js";
import { RV64A } from "../../isa/rv64a.js";
import { RV64I } from "../../isa/rv64i.js";
import { RV64M } from "../../isa/rv64m.js";
import type { ExecutedPage } from "./executed-code.js";
import { PAGE_BYTES, PAGE_SHIFT } from "../layout.js";

const COMPILED: ReadonlySet<string> = new Set(
  [RV64I, RV64M, RV64A, FLOATING_POINT].flatMap((table) => Object.keys(table)),
);
/** They always trap. */
const NEVER_COMPILED: ReadonlySet<string> = new Set(["ecall", "ebreak"]);

export const BRANCHES: ReadonlySet<string> = new Set(["beq", "bne", "blt", "bge", "bltu", "bgeu"]);

/** An instruction of compiled code. */
export interface PlacedInstruction {
  /** From the start of the code's first page. It may be negative. */
  readonly offset: number;
  readonly decoded: DecodedInstruction;
}

/** How many pages from the code's first one an offset lies. */
export const distanceOf = (offset: number): number => offset >> PAGE_SHIFT;
export const offsetInPage = (offset: number): number => offset & (PAGE_BYTES - 1);

/** The instruction at this offset of the page, if it was executed and can be compiled. */
export function compilable(page: ExecutedPage | undefined, inPage: number): DecodedInstruction | undefined {
  if (page?.wasExecuted(inPage) !== true) return undefined;
  const raw = page.rawAt(inPage);
  // The last halfword may hold the first half of an instruction that straddles pages.
  if (inPage > PAGE_BYTES - 4 && !isCompressed(raw)) return undefined;
  const decoded = decode(isCompressed(raw) ? raw & 0xffff : raw);
  if (decoded === undefined || NEVER_COMPILED.has(decoded.instruction.name)) return undefined;
  return COMPILED.has(decoded.instruction.name) ? decoded : undefined;
}
