/** The path that control took from a place, as long as it can be compiled and nothing compiled begins on it. */
import { Assembler, type Label } from "../../wasm/assembler.js";
import { slotOf } from "../decoded/slot-places.js";
import { CompiledValues } from "../expressions/compiled-values.js";
import { localVariable } from "../expressions/local-variable.js";
import { Words, type Word } from "../expressions/words.js";
import { FETCH_TLB, HANDLER, MAX_TRACE_INSNS, PAGE_MASK, PAGE_SHIFT, SLOT, type Layout } from "../layout.js";
import { entryOf } from "../tlb.js";
import { compilerMemory, FACTS, FACTS_BYTES, FLAG, KIND, STEP_ROW, STEP_ROW_BYTES } from "./compiler-memory.js";
import { Found } from "./found.js";

/** 512 MiB: the span of a kernel's image, and of a program with its libraries. */
const MAX_DISTANCE_BYTES = 1 << 29;

/** (slot of the head) -> instructions. `recorded` are the pcs from the head on, instruction by instruction. */
export function pathFunction(
  layout: Layout,
  { findTracePage, encodingOfSlot }: { readonly findTracePage: number; readonly encodingOfSlot: number },
): Assembler {
  const asm = new Assembler(["i32"]);
  const path = new Path(asm, layout);
  const { w, found } = path;
  for (const field of ["insns", "isLoop", "leadsToCode", "pages"] as const) found.set(field, w.i32(0));
  w.block((end) => {
    w.repeat(() => {
      path.next(end);
      path.follow(end);
      w.branchIf(w.not(path.kind), end);
      path.findPage(findTracePage, end);
      path.add(encodingOfSlot);
      return w.i32(1);
    });
  });
  found.get("insns")();
  return asm;
}

class Path {
  readonly w: Words;
  readonly found: Found;
  private readonly v: CompiledValues;
  private readonly memory;
  private readonly head: Word;
  private readonly at;
  private readonly until;
  private readonly base;
  private readonly pc;
  private readonly offset;
  private readonly entry;
  private readonly slot;
  private readonly facts;
  private readonly step;
  /** Of the instruction before: where control may go on. */
  private readonly after;
  private readonly taken;
  private readonly immediate;
  private readonly page;

  constructor(
    private readonly asm: Assembler,
    layout: Layout,
  ) {
    const w = (this.w = new Words(asm));
    this.v = new CompiledValues(asm);
    this.memory = compilerMemory(layout);
    this.found = new Found(w, layout);
    this.head = w.parameter(0);
    [this.at, this.until, this.offset, this.entry, this.slot] = variables(w);
    [this.facts, this.step, this.after, this.taken, this.immediate] = variables(w);
    this.page = w.variable();
    this.base = localVariable(asm, asm.local("i64"));
    this.pc = localVariable(asm, asm.local("i64"));
    const { start, end } = layout.recorded;
    this.at.set(w.i32(start));
    this.until.set(w.control("recordAt"));
    w.when(w.not(this.until), () => {
      this.until.set(w.i32(end));
    });
    this.base.set(this.v.and(w.load("i64.load", this.at), this.v.i64(PAGE_MASK)));
    this.step.set(w.i32(this.memory.steps));
  }

  /** The kind of the present instruction. */
  get kind(): Word {
    return this.fact("kind");
  }

  /** The slots of its page. */
  private get code(): Word {
    return this.w.load("i32.load", this.entry, FETCH_TLB + 8);
  }

  /** Goes on to the next pc, if there is one and the fetch TLB knows it. */
  next(end: Label): void {
    const { w, v, at, until, pc, base, entry, offset, slot } = this;
    w.branchIf(w.geU(at, until), end);
    pc.set(w.load("i64.load", at));
    const tag = w.load("i64.load", entry.tee(entryOf(this.asm, pc)), FETCH_TLB);
    w.branchIf(v.ne(tag, v.or(v.and(pc, v.i64(PAGE_MASK)), v.control("fetchContext"))), end);
    const shifted = v.add(v.sub(pc, base), v.i64(BigInt(MAX_DISTANCE_BYTES)));
    w.branchIf(v.ltU(v.i64(BigInt(2 * MAX_DISTANCE_BYTES)), shifted), end);
    offset.set(w.low(v.sub(pc, base)));
    slot.set(slotOf(w, this.code, w.low(pc)));
    at.set(w.add(at, w.i32(8)));
  }

  /** Whether the path goes on with it. */
  follow(end: Label): void {
    const { w, found, slot, head, facts, memory } = this;
    w.when(
      found.get("insns"),
      () => {
        this.requireWay();
        w.when(w.eq(slot, head), () => {
          found.set("isLoop", w.i32(1));
        });
        w.branchIf(found.get("isLoop"), end);
        w.branchIf(w.geU(found.get("insns"), w.i32(MAX_TRACE_INSNS)), end);
        found.set("leadsToCode", w.eq(this.handler, w.i32(HANDLER.region)));
        w.branchIf(found.get("leadsToCode"), end);
      },
      () => {
        w.branchIf(w.ne(slot, head), end);
      },
    );
    facts.set(w.add(w.mul(this.handler, w.i32(FACTS_BYTES)), w.i32(memory.facts)));
  }

  findPage(findTracePage: number, end: Label): void {
    const { w, offset, page } = this;
    const distance = w.shrS(offset, w.i32(PAGE_SHIFT));
    w.branchIf(w.not(page.tee(w.result(findTracePage, distance, this.code))), end);
  }

  add(encodingOfSlot: number): void {
    const { w, memory, found, step, slot, offset, facts, immediate, page } = this;
    const isWide = w.and(this.fact("flags"), w.i32(FLAG.hasWideImmediate));
    const wide = w.load("i32.load", slot, SLOT.wideImmediate);
    immediate.set(w.select(isWide, wide, w.load("i32.load16_s", slot, SLOT.immediate)));
    const fields = { slot, offset, facts, imm: immediate, group: w.i32(0), page } as const;
    for (const [name, value] of Object.entries(fields)) {
      w.store("i32.store", step, STEP_ROW[name as keyof typeof fields], value);
    }
    const word = w.shl(found.get("insns"), w.i32(3));
    w.store("i32.store", word, memory.words, slot);
    w.store("i32.store", word, memory.words + 4, w.low(w.result(encodingOfSlot, slot)));
    this.after.set(w.add(offset, this.fact("bytes")));
    this.taken.set(w.add(offset, immediate));
    step.set(w.add(step, w.i32(STEP_ROW_BYTES)));
    found.set("insns", w.add(found.get("insns"), w.i32(1)));
  }

  /** Otherwise a trap was taken in between. */
  private requireWay(): void {
    const { w, offset, after, taken, kind } = this;
    const goesTo = w.or(
      w.and(w.ne(kind, w.i32(KIND.jal)), w.eq(offset, after)),
      w.and(w.or(w.eq(kind, w.i32(KIND.branch)), w.eq(kind, w.i32(KIND.jal))), w.eq(offset, taken)),
    );
    w.when(w.not(w.or(w.eq(kind, w.i32(KIND.jalr)), goesTo)), () => {
      w.return(this.found.get("insns"));
    });
  }

  private get handler(): Word {
    return this.w.load("i32.load16_u", this.slot, SLOT.handler);
  }

  private fact(name: keyof typeof FACTS): Word {
    return this.w.load("i32.load8_u", this.facts, FACTS[name]);
  }
}

const variables = (w: Words) => [w.variable(), w.variable(), w.variable(), w.variable(), w.variable()] as const;
