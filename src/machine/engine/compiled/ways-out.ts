/**
 * How compiled code goes on. It ends with a tail call of one of these functions of the interpreter's module, so that
 * control goes from code to code, and comes back to the interpreter only where there is none, or for an instruction.
 *
 * A way out of a trace has a number, its site: a row of a table with what is known when the trace is made. So the code
 * of a way out is a few bytes, and what is common to all is compiled once.
 */
import { Assembler } from "../../wasm/assembler.js";
import type { ModuleBuilder } from "../../wasm/module-builder.js";
import { CODE_SIGNATURE, HANDED_OVER, LIES_APART, WAYS_OUT, type WayOut } from "./code-protocol.js";
import { CompiledValues, type Code } from "../expressions/compiled-values.js";
import { besideSlot, slotOf } from "../decoded/slot-places.js";
import { FETCH_TLB, PAGE_MASK, SITE, SITE_BYTES, X_BASE, type Layout } from "../layout.js";
import { localVariable } from "../expressions/local-variable.js";
import { entryOf } from "../tlb.js";
import { Words, type Word } from "../expressions/words.js";

const SITE_SHIFT = 31 - Math.clz32(SITE_BYTES);

type Functions = Readonly<Record<WayOut, number>>;

/** As an instance of the module exports them. */
export type WaysOut = Readonly<Record<WayOut | "noCode", CallableFunction>>;

/** Declares and defines them, and the code with the id 0, which goes back to the interpreter. */
export function defineWaysOut(module: ModuleBuilder, layout: Layout): void {
  const declared = Object.fromEntries(
    WAYS_OUT.map((name) => [name, module.declareFunction(CODE_SIGNATURE, name)]),
  ) as Functions;
  const type = module.typeOf(CODE_SIGNATURE);
  module.defineFunction(declared.dispatch, dispatchFunction(layout, type));
  module.defineFunction(declared.exit, exitFunction(layout, type, declared));
  module.defineFunction(declared.handOver, handOverFunction(layout));
  module.defineFunction(module.declareFunction(CODE_SIGNATURE, "noCode"), noCodeFunction(layout));
}

/** What these functions have in common: their parameters, and sites. */
class WayOutFrame {
  readonly asm = new Assembler(CODE_SIGNATURE.parameters);
  readonly w = new Words(this.asm);
  readonly v = new CompiledValues(this.asm);
  readonly address = this.w.parameter(0);
  readonly budget = this.w.parameter(1);
  /** A site's number, or its place in the table. */
  readonly number = this.w.parameter(2);

  constructor(private readonly layout: Layout) {}

  /** From a site's number to its place in the table. */
  toSite(): void {
    const { w, number } = this;
    number.set(w.shl(number, w.i32(SITE_SHIFT)));
  }

  ofSite(field: keyof typeof SITE): Word {
    return this.w.load("i32.load", this.number, this.layout.traceSites + SITE[field]);
  }

  /** The same of a field with a sign, in 64 bits. */
  distanceOfSite(field: keyof typeof SITE): Code {
    return this.w.load("i64.load32_s", this.number, this.layout.traceSites + SITE[field]);
  }

  /** `address` is the virtual address of the trace's first page. */
  sitePc(): Code {
    return this.v.add(this.address, this.distanceOfSite("offset"));
  }

  budgetLeft(): Word {
    return this.w.sub(this.budget, this.ofSite("insns"));
  }

  pageOf(address: Code): Code {
    return this.v.and(address, this.v.i64(PAGE_MASK));
  }

  /** A tail call of the code that begins at a slot, by the address of its word. Counts an arrival at code. */
  enter(type: number, pc: Code, word: Word): void {
    const { w, budget, layout } = this;
    const heat = layout.slotHeat - layout.slotRegions;
    const code = w.variable();
    w.when(code.tee(w.load("i32.load", word)), () => {
      w.store("i32.store", word, heat, w.add(w.load("i32.load", word, heat), w.i32(1)));
    });
    const entry = w.and(code, w.i32(0xffff));
    w.returnCallIndirect(type, w.shrU(code, w.i32(16)), this.pageOf(pc), budget, entry);
  }
}

/** (pc, budget left, unused): to the code that begins at pc. */
function dispatchFunction(layout: Layout, type: number): Assembler {
  const frame = new WayOutFrame(layout);
  const { asm, w, v, address: pc, budget, number } = frame;
  v.setField("pc", pc);
  const tag = w.load("i64.load", number.tee(entryOf(asm, pc)), FETCH_TLB);
  w.when(v.ne(tag, v.or(frame.pageOf(pc), v.control("fetchContext"))), () => {
    w.return(budget);
  });
  const slot = slotOf(w, w.load("i32.load", number, FETCH_TLB + 8), w.low(pc));
  number.set(besideSlot(w, layout, slot, { table: layout.slotRegions, bytes: 4 }));
  frame.enter(type, pc, number);
  return asm;
}

/** (virtual address of the trace's first page, budget of the trace, site): the trace ends there, all done. */
function exitFunction(layout: Layout, type: number, { dispatch }: Functions): Assembler {
  const frame = new WayOutFrame(layout);
  const { asm, w, v, budget } = frame;
  const pc = localVariable(asm, asm.local("i64"));
  const word = w.variable();
  frame.toSite();
  pc.set(frame.sitePc());
  budget.set(frame.budgetLeft());
  w.when(w.not(word.tee(frame.ofSite("codeWord"))), () => {
    w.returnCall(dispatch, pc, budget, w.i32(0));
  });
  v.setField("pc", pc);
  frame.enter(type, pc, word);
  return asm;
}

/** (virtual address of the trace's first page, budget of the trace, site): the interpreter executes what is there. */
function handOverFunction(layout: Layout): Assembler {
  const frame = new WayOutFrame(layout);
  const { asm, w, v, budget } = frame;
  const group = w.variable();
  const first = localVariable(asm, asm.local("i64"));
  frame.toSite();
  v.setField("pc", frame.sitePc());
  budget.set(w.or(frame.budgetLeft(), w.i32(HANDED_OVER)));
  w.when(group.tee(frame.ofSite("group")), () => {
    // The base register's address, the lowest displacement above it, and behind it how many bytes there are.
    const base = w.load("i64.load", w.and(group, w.i32(GROUP.base - 1)), X_BASE);
    const lowest = first.tee(v.add(base, frame.distanceOfSite("codeWord")));
    const bytes = w.shrU(group, w.i32(GROUP.baseBits));
    const last = v.add(first, w.zeroExtend(w.sub(bytes, w.i32(1))));
    w.when(w.not(v.isZero(frame.pageOf(v.xor(lowest, last)))), () => {
      budget.set(w.or(budget, w.i32(LIES_APART)));
    });
  });
  budget();
  return asm;
}

/** A group of accesses in a site: its base register's offset in its lower bits, its bytes above. */
export const GROUP = { base: 1 << 8, baseBits: 8 } as const;

/** (virtual address of pc's page, budget left, unused): pc is stored already. */
function noCodeFunction(layout: Layout): Assembler {
  const { asm, budget } = new WayOutFrame(layout);
  budget();
  return asm;
}
