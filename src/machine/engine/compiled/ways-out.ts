/**
 * How compiled code goes on. It ends with a tail call of one of these functions of the interpreter's module, so that
 * control goes from code to code, and comes back to the interpreter only where there is none, or for an instruction.
 *
 * A way out of a trace has a number, its site: a row of a table with what is known when the trace is made. So the code
 * of a way out is a few bytes, and what is common to all is compiled once.
 */
import { Assembler, type Local } from "../../wasm/assembler.js";
import type { ModuleBuilder } from "../../wasm/module-builder.js";
import { CODE_SIGNATURE, HANDED_OVER, LIES_APART, WAYS_OUT, type WayOut } from "./code-protocol.js";
import {
  CONTROL,
  FETCH_TLB,
  FIELD,
  PAGE_BYTES,
  PAGE_MASK,
  SITE,
  SITE_BYTES,
  SLOT_BYTES,
  X_BASE,
  type Layout,
} from "../layout.js";
import { tlbEntry } from "../tlb.js";

const SITE_SHIFT = 31 - Math.clz32(SITE_BYTES);
/** From bytes of slots to bytes of the words that say which code begins there, of 4 bytes each. */
const WORD_SHIFT = 31 - Math.clz32(SLOT_BYTES / 4);

type Functions = Readonly<Record<WayOut, number>>;

/** As an instance of the module exports them. */
export type WaysOut = Readonly<Record<WayOut | "noCode", WebAssembly.ExportValue>>;

/** Declares and defines them, and the code with the id 0, which goes back to the interpreter. */
export function defineWaysOut(module: ModuleBuilder, layout: Layout): void {
  const declared = Object.fromEntries(
    WAYS_OUT.map((name) => [name, module.declareFunction(CODE_SIGNATURE, name)]),
  ) as Functions;
  const type = module.typeOf(CODE_SIGNATURE);
  module.defineFunction(declared.dispatch, dispatchFunction(layout, type));
  module.defineFunction(declared.exit, exitFunction(layout, type, declared));
  module.defineFunction(declared.handOver, handOverFunction(layout));
  module.defineFunction(module.declareFunction(CODE_SIGNATURE, "noCode"), noCodeFunction());
}

interface WayOutFrame {
  readonly asm: Assembler;
  readonly address: Local;
  readonly budget: Local;
  readonly number: Local;
}

function wayOut(): WayOutFrame {
  const asm = new Assembler(CODE_SIGNATURE.parameters);
  return { asm, address: asm.parameter(0), budget: asm.parameter(1), number: asm.parameter(2) };
}

/** (pc, budget left, unused): to the code that begins at pc. */
function dispatchFunction(layout: Layout, type: number): Assembler {
  const { asm, address: pc, budget, number } = wayOut();
  storePc(asm, () => {
    asm.get(pc);
  });
  tlbEntry(asm, () => {
    asm.get(pc);
  });
  asm.tee(number);
  asm.memory("i64.load", FETCH_TLB);
  asm.get(pc);
  asm.i64(PAGE_MASK);
  asm.op("i64.and");
  asm.i32(0);
  asm.memory("i64.load", CONTROL.fetchContext);
  asm.op("i64.or");
  asm.op("i64.ne");
  asm.if(() => {
    asm.get(budget);
    asm.op("return");
  });
  asm.get(number);
  asm.memory("i32.load", FETCH_TLB + 8);
  asm.i32(layout.codePool);
  asm.op("i32.sub");
  asm.i32(WORD_SHIFT);
  asm.op("i32.shr_u");
  asm.get(pc);
  asm.op("i32.wrap_i64");
  asm.i32(PAGE_BYTES - 2);
  asm.op("i32.and");
  asm.i32(1);
  asm.op("i32.shl");
  asm.op("i32.add");
  asm.i32(layout.slotRegions);
  asm.op("i32.add");
  asm.set(number);
  enter(asm, layout, type, { pc, budget, word: number });
  return asm;
}

/** (virtual address of the trace's first page, budget of the trace, site): the trace ends there, all done. */
function exitFunction(layout: Layout, type: number, { dispatch }: Functions): Assembler {
  const { asm, address: pageVa, budget, number: site } = wayOut();
  const pc = asm.local("i64");
  const word = asm.local("i32");
  toSite(asm, site);
  sitePc(asm, layout, pageVa, site);
  asm.set(pc);
  budgetLeft(asm, layout, budget, site);
  asm.set(budget);
  asm.get(site);
  asm.memory("i32.load", layout.traceSites + SITE.codeWord);
  asm.tee(word);
  asm.op("i32.eqz");
  asm.if(() => {
    asm.get(pc);
    asm.get(budget);
    asm.i32(0);
    asm.returnCall(dispatch);
  });
  storePc(asm, () => {
    asm.get(pc);
  });
  enter(asm, layout, type, { pc, budget, word });
  return asm;
}

/** (virtual address of the trace's first page, budget of the trace, site): the interpreter executes what is there. */
function handOverFunction(layout: Layout): Assembler {
  const { asm, address: pageVa, budget, number: site } = wayOut();
  const group = asm.local("i32");
  const first = asm.local("i64");
  toSite(asm, site);
  storePc(asm, () => {
    sitePc(asm, layout, pageVa, site);
  });
  budgetLeft(asm, layout, budget, site);
  asm.i32(HANDED_OVER);
  asm.op("i32.or");
  asm.set(budget);
  asm.get(site);
  asm.memory("i32.load", layout.traceSites + SITE.group);
  asm.tee(group);
  asm.if(() => {
    // The base register's address, the lowest displacement above it, and behind it how many bytes there are.
    asm.get(group);
    asm.i32(GROUP.base - 1);
    asm.op("i32.and");
    asm.memory("i64.load", X_BASE);
    asm.get(site);
    asm.memory("i64.load32_s", layout.traceSites + SITE.codeWord);
    asm.op("i64.add");
    asm.tee(first);
    asm.get(first);
    asm.get(group);
    asm.i32(GROUP.baseBits);
    asm.op("i32.shr_u");
    asm.i32(1);
    asm.op("i32.sub");
    asm.op("i64.extend_i32_u");
    asm.op("i64.add");
    asm.op("i64.xor");
    asm.i64(PAGE_MASK);
    asm.op("i64.and");
    asm.op("i64.eqz");
    asm.op("i32.eqz");
    asm.if(() => {
      asm.get(budget);
      asm.i32(LIES_APART);
      asm.op("i32.or");
      asm.set(budget);
    });
  });
  asm.get(budget);
  return asm;
}

/** A group of accesses in a site: its base register's offset in its lower bits, its bytes above. */
export const GROUP = { base: 1 << 8, baseBits: 8 } as const;

/** (virtual address of pc's page, budget left, unused): pc is stored already. */
function noCodeFunction(): Assembler {
  const { asm, budget } = wayOut();
  asm.get(budget);
  return asm;
}

/** A tail call of the code that begins at a slot, by the address of its word. Counts an arrival at code. */
function enter(
  asm: Assembler,
  layout: Layout,
  type: number,
  { pc, budget, word }: { readonly pc: Local; readonly budget: Local; readonly word: Local },
): void {
  const heat = layout.slotHeat - layout.slotRegions;
  const code = asm.local("i32");
  asm.get(word);
  asm.memory("i32.load");
  asm.tee(code);
  asm.if(() => {
    asm.get(word);
    asm.get(word);
    asm.memory("i32.load", heat);
    asm.i32(1);
    asm.op("i32.add");
    asm.memory("i32.store", heat);
  });
  asm.get(pc);
  asm.i64(PAGE_MASK);
  asm.op("i64.and");
  asm.get(budget);
  asm.get(code);
  asm.i32(0xffff);
  asm.op("i32.and");
  asm.get(code);
  asm.i32(16);
  asm.op("i32.shr_u");
  asm.returnCallIndirect(type);
}

function storePc(asm: Assembler, pc: () => void): void {
  asm.i32(0);
  pc();
  asm.memory("i64.store", FIELD.pc);
}

/** From a site's number to its place in the table. */
function toSite(asm: Assembler, site: Local): void {
  asm.get(site);
  asm.i32(SITE_SHIFT);
  asm.op("i32.shl");
  asm.set(site);
}

function sitePc(asm: Assembler, layout: Layout, pageVa: Local, site: Local): void {
  asm.get(pageVa);
  asm.get(site);
  asm.memory("i64.load32_s", layout.traceSites + SITE.offset);
  asm.op("i64.add");
}

function budgetLeft(asm: Assembler, layout: Layout, budget: Local, site: Local): void {
  asm.get(budget);
  asm.get(site);
  asm.memory("i32.load", layout.traceSites + SITE.insns);
  asm.op("i32.sub");
}
