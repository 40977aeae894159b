/** Finds the template of each instruction of a path, and gives registers and host addresses their locals. */
import { Assembler, type Label } from "../../wasm/assembler.js";
import type { LocalVariable } from "../expressions/local-variable.js";
import { Words, type Word } from "../expressions/words.js";
import { SLOT, type Layout } from "../layout.js";
import {
  compilerMemory,
  FACTS,
  FLAG,
  GROUP_ROW,
  KIND,
  REGISTERS,
  STEP_ROW,
  STEP_ROW_BYTES,
  TABLE_ENTRIES,
  TABLE_ENTRY_BYTES,
  TEMPLATE,
  USE,
  type CompilerMemory,
} from "./compiler-memory.js";
import { Found } from "./found.js";
import { PIECE_NAMES } from "./pieces.js";
import { ACCESS, IMMEDIATE, IS_KEY, KEY, ZERO, type KeyPart } from "./template-key.js";
import type { Operand } from "./template.js";

/** (loads and stores rely on `directRam`) -> 0: there is a template for each; else one is missing. */
export function planFunction(layout: Layout, findTemplate: number): Assembler {
  const asm = new Assembler(["i32"]);
  const plan = new Plan(asm, layout);
  const { w, found, step } = plan;
  plan.countLocalsOfPages();
  found.forEachStep(step, () => {
    plan.findWay();
    plan.findAccess();
    plan.findTemplate(findTemplate);
    for (const operand of ["rs1", "rs2", "rs3", "rd"] as const) plan.place(operand);
    plan.countLocals();
  });
  plan.numberRegisters();
  w.i32(0)();
  return asm;
}

class Plan {
  readonly w: Words;
  readonly found: Found;
  readonly step: LocalVariable;
  private readonly memory: CompilerMemory;
  private readonly key: LocalVariable;
  private readonly template: LocalVariable;
  private readonly group: LocalVariable;
  private readonly checked: LocalVariable;
  private readonly register: LocalVariable;
  private readonly use: LocalVariable;

  constructor(asm: Assembler, layout: Layout) {
    const w = (this.w = new Words(asm));
    this.found = new Found(w, layout);
    this.memory = compilerMemory(layout);
    [this.step, this.key, this.template, this.group] = [w.variable(), w.variable(), w.variable(), w.variable()];
    [this.checked, this.register, this.use] = [w.variable(), w.variable(), w.variable()];
    for (const counter of ["registers", "hosts", "i64", "i32", "f32", "f64", "hasFloat"] as const) {
      this.found.set(counter, w.i32(0));
    }
    w.fill(w.i32(this.memory.locals), 0, REGISTERS * 4);
    w.fill(w.i32(this.memory.isRead), 0, REGISTERS * 4);
  }

  /** Whether a branch is taken, or a jump to a register followed. */
  findWay(): void {
    const { w, found, step, register: next } = this;
    const isLast = w.eq(w.add(step, w.i32(STEP_ROW_BYTES)), found.stepsEnd);
    const offset = this.ofStep("offset");
    const after = w.add(offset, this.fact("bytes"));
    const taken = w.add(offset, this.ofStep("imm"));
    const goesOn = w.or(w.not(isLast), found.get("isLoop"));
    const first = w.load("i32.load", w.i32(0), this.memory.steps + STEP_ROW.offset);
    next.set(w.select(isLast, first, w.load("i32.load", step, STEP_ROW_BYTES + STEP_ROW.offset)));
    const isTaken = w.and(w.eq(next, taken), w.ne(taken, after));
    const isJalr = w.eq(this.fact("kind"), w.i32(KIND.jalr));
    const isTakenBranch = w.and(w.eq(this.fact("kind"), w.i32(KIND.branch)), isTaken);
    w.store("i32.store", step, STEP_ROW.isFollowed, w.and(goesOn, w.or(isJalr, isTakenBranch)));
  }

  /** Leaves in `key` what the access is in its group. */
  findAccess(): void {
    const { w, found, step, key, group } = this;
    const host = w.load("i32.load", group, GROUP_ROW.host);
    const bytes = w.sub(w.load("i32.load", group, GROUP_ROW.end), w.load("i32.load", group, GROUP_ROW.lowest));
    key.set(w.i32(ACCESS.alone));
    w.store("i32.store", step, STEP_ROW.isFirst, w.i32(0));
    w.when(group.tee(this.ofStep("group")), () => {
      key.set(w.i32(ACCESS.later));
      w.when(w.not(host), () => {
        key.set(w.select(w.eq(bytes, w.i32(1)), w.i32(ACCESS.firstOfOneByte), w.i32(ACCESS.first)));
        w.store("i32.store", step, STEP_ROW.isFirst, w.i32(1));
        found.set("hosts", w.add(found.get("hosts"), w.i32(1)));
        w.store("i32.store", group, GROUP_ROW.host, found.get("hosts"));
      });
    });
  }

  findTemplate(findTemplate: number): void {
    const { w, found, step, key, template, checked } = this;
    const isFloat = this.flag(FLAG.isFloat);
    const access = key;
    const parts: Readonly<Record<KeyPart, Word>> = {
      number: w.load("i32.load16_u", this.ofStep("facts"), FACTS.number),
      zeros: w.and(this.zeros(), this.fact("integers")),
      detail: w.select(isFloat, this.roundingMode(), this.immediateSize()),
      access,
      checked: w.select(isFloat, checked, w.i32(0)),
      isDirect: w.select(this.flag(FLAG.isDirect), w.parameter(0), w.i32(0)),
      isFollowed: this.ofStep("isFollowed"),
    };
    const all = Object.entries(parts).reduce(
      (sum, [name, value]) => w.or(sum, w.shl(value, w.i32(KEY[name as KeyPart].shift))),
      w.i32(IS_KEY),
    );
    key.set(all);
    w.when(w.not(template.tee(w.result(findTemplate, key))), () => {
      found.set("missing", key);
      w.return(w.i32(1));
    });
    w.store("i32.store", step, STEP_ROW.template, template);
    checked.set(w.or(checked, this.ofTemplate("checked")));
  }

  /** Marks the operand's register as one that needs a local. */
  place(operand: Operand): void {
    const { w, found, register, use, memory } = this;
    w.when(use.tee(this.ofTemplate(operand)), () => {
      register.set(this.registerOf(operand));
      w.when(w.not(w.load("i32.load", register, memory.locals)), () => {
        w.store("i32.store", register, memory.locals, w.i32(1));
        w.store("i32.store", register, memory.isRead, w.and(use, w.i32(USE.isRead)));
      });
      w.when(w.and(use, w.i32(USE.isFloat)), () => {
        found.set("hasFloat", w.i32(1));
      });
    });
  }

  /** Gives those that need one a local, in their order. */
  numberRegisters(): void {
    const { w, found, register, memory } = this;
    register.set(w.i32(0));
    w.repeat(() => {
      w.when(w.load("i32.load", register, memory.locals), () => {
        found.set("registers", w.add(found.get("registers"), w.i32(1)));
        w.store("i32.store", register, memory.locals, found.get("registers"));
      });
      return w.ltU(register.tee(w.add(register, w.i32(4))), w.i32(REGISTERS * 4));
    });
  }

  /** A path on several pages looks where they are. */
  countLocalsOfPages(): void {
    const { w, found, template, memory } = this;
    template.set(w.load("i32.load", w.i32(0), memory.pieces + PIECE_NAMES.indexOf("page") * 4));
    w.when(w.gtU(found.get("pages"), w.i32(1)), () => {
      this.countLocals();
    });
  }

  countLocals(): void {
    const { w, found } = this;
    for (const type of ["i64", "i32", "f32", "f64"] as const) {
      const needed = this.ofTemplate(type);
      w.when(w.ltU(found.get(type), needed), () => {
        found.set(type, needed);
      });
    }
  }

  private registerOf(operand: Operand): Word {
    const { w, use } = this;
    return w.add(registerWord(w, this.ofStep("slot"), operand, this.flag(FLAG.writesFloat)), floatWords(w, use));
  }

  /** The operands that are x0, if they are x registers. */
  private zeros(): Word {
    const { w } = this;
    const slot = this.ofStep("slot");
    const bitIf = (condition: Word, bit: number): Word => w.select(condition, w.i32(bit), w.i32(0));
    const rd = w.eq(w.load("i32.load8_u", slot, SLOT.rd), w.i32(0xf8));
    const [rs1, rs2] = [SLOT.rs1, SLOT.rs2].map((at) => w.not(w.load("i32.load8_u", slot, at))) as [Word, Word];
    return w.or(w.or(bitIf(rd, ZERO.rd), bitIf(rs1, ZERO.rs1)), bitIf(rs2, ZERO.rs2));
  }

  private roundingMode(): Word {
    const { w } = this;
    return w.and(w.load("i32.load8_u", this.ofStep("slot"), SLOT.immediate), w.i32(7));
  }

  private immediateSize(): Word {
    const { w } = this;
    const imm = this.ofStep("imm");
    const isBelow = w.ltS(imm, w.i32(32));
    const positive = w.select(isBelow, w.i32(IMMEDIATE.below32), w.i32(IMMEDIATE.other));
    const signed = w.select(w.ltS(imm, w.i32(0)), w.i32(IMMEDIATE.negative), positive);
    const size = w.select(imm, signed, w.i32(IMMEDIATE.zero));
    return w.select(this.flag(FLAG.isSized), size, w.i32(IMMEDIATE.any));
  }

  private flag(flag: number): Word {
    return this.w.and(this.fact("flags"), this.w.i32(flag));
  }

  private fact(name: keyof typeof FACTS): Word {
    return this.w.load("i32.load8_u", this.ofStep("facts"), FACTS[name]);
  }

  private ofStep(name: keyof typeof STEP_ROW): Word {
    return this.w.load("i32.load", this.step, STEP_ROW[name]);
  }

  private ofTemplate(name: Exclude<keyof typeof TEMPLATE, "holes" | "sites" | "tail">): Word {
    return this.w.load("i32.load8_u", this.template, TEMPLATE[name]);
  }
}

/** The place of an operand's register in a file of words. */
export function registerWord(w: Words, slot: Word, operand: Operand, writesFloat: Word): Word {
  const half = (at: number): Word => w.shrU(w.load("i32.load8_u", slot, at), w.i32(1));
  switch (operand) {
    case "rs1":
      return half(SLOT.rs1);
    case "rs2":
      return half(SLOT.rs2);
    // It lies above rm.
    case "rs3":
      return w.and(half(SLOT.immediate), w.i32(31 << 2));
    case "rd":
      // The result in an x register is counted from x1.
      return w.and(w.add(half(SLOT.rd), w.select(writesFloat, w.i32(0), w.i32(1 << 2))), w.i32(31 << 2));
    default:
      return operand satisfies never;
  }
}

/** The f registers come behind the x registers. */
export const floatWords = (w: Words, use: Word): Word =>
  w.select(w.and(use, w.i32(USE.isFloat)), w.i32((REGISTERS / 2) * 4), w.i32(0));

/** (key) -> the template's address, or 0. */
export function findTemplateFunction(layout: Layout): Assembler {
  const asm = new Assembler(["i32"]);
  const w = new Words(asm);
  const { table } = compilerMemory(layout);
  const key = w.parameter(0);
  const entry = w.variable();
  const found = w.variable();
  entry.set(w.and(w.shrU(w.mul(key, w.i32(HASH_FACTOR)), w.i32(HASH_SHIFT)), w.i32(ENTRY_MASK)));
  const search = (end: Label): void => {
    w.repeat(() => {
      found.set(w.load("i32.load", entry, table));
      w.branchIf(w.or(w.not(found), w.eq(found, key)), end);
      entry.set(w.and(w.add(entry, w.i32(TABLE_ENTRY_BYTES)), w.i32(ENTRY_MASK)));
      return w.i32(1);
    });
  };
  w.block(search);
  w.load("i32.load", entry, table + 4)();
  return asm;
}

const HASH_FACTOR = 0x9e37_79b1 | 0;
const ENTRY_MASK = (TABLE_ENTRIES - 1) * TABLE_ENTRY_BYTES;
const HASH_SHIFT = Math.clz32(TABLE_ENTRIES * TABLE_ENTRY_BYTES - 1);

/** The place in the table where looking for this key begins, in bytes. */
export const firstEntryOf = (key: number): number => (Math.imul(key, HASH_FACTOR) >>> HASH_SHIFT) & ENTRY_MASK;
export const nextEntry = (entry: number): number => (entry + TABLE_ENTRY_BYTES) & ENTRY_MASK;
