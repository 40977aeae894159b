/** Finds the template of each instruction of a path, and gives registers and host addresses their locals. */
import { Assembler } from "../../wasm/assembler.js";
import type { LocalVariable } from "../expressions/local-variable.js";
import { Words, type Word } from "../expressions/words.js";
import type { Layout } from "../layout.js";
import { compilerMemory, REGISTERS, TEMPLATE, USE, type CompilerMemory } from "./compiler-memory.js";
import { floatWords, Found, PresentGroup, PresentStep } from "./found.js";
import { PIECE_NAMES } from "./pieces.js";
import { ACCESS, IMMEDIATE, IS_KEY, KEY, ZERO, type KeyPart } from "./template-key.js";
import type { Operand } from "./template.js";

/** (loads and stores rely on `directRam`) -> 0: there is a template for each; else one is missing. */
export function planFunction(layout: Layout, findTemplate: number): Assembler {
  const asm = new Assembler(["i32"]);
  const plan = new Plan(asm, layout);
  const { w, found, step } = plan;
  plan.countLocalsOfPages();
  found.forEach(step, () => {
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
  readonly step: PresentStep;
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
    this.step = new PresentStep(w);
    [this.key, this.template, this.group] = [w.variable(), w.variable(), w.variable()];
    [this.checked, this.register, this.use] = [w.variable(), w.variable(), w.variable()];
    for (const counter of ["registers", "hosts", "i64", "i32", "f32", "f64", "hasFloat"] as const) {
      this.found.set(counter, w.i32(0));
    }
    w.fill(w.i32(this.memory.locals), 0, REGISTERS * 4);
    w.fill(w.i32(this.memory.isRead), 0, REGISTERS * 4);
  }

  /** Whether a branch is taken, or a jump to a register followed. */
  findWay(): void {
    const { w, found, step } = this;
    const goesOn = w.or(w.not(found.isLast(step)), found.get("isLoop"));
    const isTaken = w.and(w.eq(found.nextOffset(step), step.taken), w.ne(step.taken, step.after));
    const isFollowed = w.or(step.isKind("jalr"), w.and(step.isKind("branch"), isTaken));
    step.set("isFollowed", w.and(goesOn, isFollowed));
  }

  /** Leaves in `key` what the access is in its group. */
  findAccess(): void {
    const { w, found, step, key } = this;
    const group = new PresentGroup(w, this.group);
    key.set(w.i32(ACCESS.alone));
    w.when(this.group.tee(step.get("group")), () => {
      key.set(w.i32(ACCESS.later));
      w.when(w.not(group.get("host")), () => {
        key.set(w.select(w.eq(group.bytes, w.i32(1)), w.i32(ACCESS.firstOfOneByte), w.i32(ACCESS.first)));
        found.set("hosts", w.add(found.get("hosts"), w.i32(1)));
        group.set("host", found.get("hosts"));
      });
    });
  }

  findTemplate(findTemplate: number): void {
    const { w, found, step, key, template, checked } = this;
    const isFloat = step.flag("isFloat");
    const access = key;
    const parts: Readonly<Record<KeyPart, Word>> = {
      number: step.number,
      zeros: w.and(this.zeros(), this.step.fact("integers")),
      detail: w.select(isFloat, this.roundingMode(), this.immediateSize()),
      access,
      checked: w.select(isFloat, checked, w.i32(0)),
      isDirect: w.select(this.step.flag("isDirect"), w.parameter(0), w.i32(0)),
      isFollowed: this.step.get("isFollowed"),
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
    step.set("template", template);
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
    return w.add(this.step.registerOf(operand), floatWords(w, use));
  }

  /** The operands that are x0, if they are x registers. */
  private zeros(): Word {
    const { w, step } = this;
    const bitIf = (condition: Word, bit: number): Word => w.select(condition, w.i32(bit), w.i32(0));
    const rd = bitIf(w.eq(step.slotByte("rd"), w.i32(NO_RESULT)), ZERO.rd);
    return w.or(rd, w.or(bitIf(w.not(step.slotByte("rs1")), ZERO.rs1), bitIf(w.not(step.slotByte("rs2")), ZERO.rs2)));
  }

  private roundingMode(): Word {
    return this.w.and(this.step.slotByte("immediate"), this.w.i32(7));
  }

  private immediateSize(): Word {
    const { w } = this;
    const imm = this.step.get("imm");
    const isBelow = w.ltS(imm, w.i32(32));
    const positive = w.select(isBelow, w.i32(IMMEDIATE.below32), w.i32(IMMEDIATE.other));
    const signed = w.select(w.ltS(imm, w.i32(0)), w.i32(IMMEDIATE.negative), positive);
    const size = w.select(imm, signed, w.i32(IMMEDIATE.zero));
    return w.select(this.step.flag("isSized"), size, w.i32(IMMEDIATE.any));
  }

  private ofTemplate(name: Exclude<keyof typeof TEMPLATE, "holes" | "sites" | "tail">): Word {
    return this.w.load("i32.load8_u", this.template, TEMPLATE[name]);
  }
}

/** x0 as a result: it is counted from x1. */
const NO_RESULT = 31 << 3;
