/** The TLBs: direct-mapped by the virtual page number, with the address space's id in the tag. */
import type { Assembler } from "../wasm/assembler.js";
import { countFill } from "./counters.js";
import { CompiledValues, type Code } from "./expressions/compiled-values.js";
import { PAGE_MASK, PAGE_SHIFT, TLB_ENTRIES } from "./layout.js";
import type { Word, Words } from "./expressions/words.js";

/** An entry has 16 bytes. */
const ENTRY_SHIFT = 4;

/** Leaves the offset (an i32) of this address's entry in its TLB. */
export function tlbEntry(asm: Assembler, address: Code): void {
  address();
  asm.i64(BigInt(PAGE_SHIFT - ENTRY_SHIFT));
  asm.op("i64.shr_u");
  asm.op("i32.wrap_i64");
  asm.i32((TLB_ENTRIES - 1) << ENTRY_SHIFT);
  asm.op("i32.and");
}

/** The same as an expression. */
export const entryOf =
  (asm: Assembler, address: Code): Word =>
  () => {
    tlbEntry(asm, address);
  };

/** Fills this address's entry: `addend` leads to its page. */
export function fillTlbEntry(w: Words, tlb: number, address: Code, context: Code, addend: Word): void {
  const v = new CompiledValues(w.asm);
  const entry = entryOf(w.asm, address);
  countFill(w, tlb);
  w.store("i64.store", entry, tlb, v.or(v.and(address, v.i64(PAGE_MASK)), context));
  w.store("i32.store", entry, tlb + 8, addend);
}
