/** The TLBs: direct-mapped by the virtual page number, with the address space's id in the tag. */
import type { Assembler } from "../wasm/assembler.js";
import { countFill } from "./counters.js";
import type { Code } from "./compiled-values.js";
import { PAGE_MASK, PAGE_SHIFT, TLB_ENTRIES } from "./layout.js";

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

/** Fills this address's entry: `addend` leads to its page. */
export function fillTlbEntry(asm: Assembler, tlb: number, address: Code, context: Code, addend: Code): void {
  countFill(asm, tlb);
  tlbEntry(asm, address);
  address();
  asm.i64(PAGE_MASK);
  asm.op("i64.and");
  context();
  asm.op("i64.or");
  asm.memory("i64.store", tlb);
  tlbEntry(asm, address);
  addend();
  asm.memory("i32.store", tlb + 8);
}
