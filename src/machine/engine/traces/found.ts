/** What the trace compiler's functions find, and how they go through it. */
import type { LocalVariable } from "../expressions/local-variable.js";
import type { Word, Words } from "../expressions/words.js";
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
  USE,
  type FoundField,
} from "./compiler-memory.js";
import type { Operand } from "./template.js";

export class Found {
  private readonly fields: Readonly<Record<FoundField, number>>;
  private readonly steps: number;

  constructor(
    private readonly w: Words,
    layout: Layout,
  ) {
    const { found, steps } = compilerMemory(layout);
    this.fields = found;
    this.steps = steps;
  }

  get(field: FoundField): Word {
    return this.w.load("i32.load", this.w.i32(0), this.fields[field]);
  }

  set(field: FoundField, value: Word): void {
    this.w.store("i32.store", this.w.i32(0), this.fields[field], value);
  }

  /** Does something for each instruction of the path. There is one at least. */
  forEach(step: PresentStep, body: () => void): void {
    const { w } = this;
    const { row } = step;
    row.set(w.i32(this.steps));
    w.repeat(() => {
      body();
      return w.ltU(row.tee(w.add(row, w.i32(STEP_ROW_BYTES))), this.stepsEnd);
    });
  }

  isLast({ row }: PresentStep): Word {
    const { w } = this;
    return w.eq(w.add(row, w.i32(STEP_ROW_BYTES)), this.stepsEnd);
  }

  get firstOffset(): Word {
    return this.w.load("i32.load", this.w.i32(0), this.steps + STEP_ROW.offset);
  }

  /** Of the instruction that comes next, which is the first one behind the last. */
  nextOffset(step: PresentStep): Word {
    return this.w.select(this.isLast(step), this.firstOffset, step.ofNext("offset"));
  }

  private get stepsEnd(): Word {
    const { w } = this;
    return w.add(w.mul(this.get("insns"), w.i32(STEP_ROW_BYTES)), w.i32(this.steps));
  }
}

/** The row of the instruction of the path that is looked at. */
export class PresentStep {
  readonly row: LocalVariable;

  constructor(private readonly w: Words) {
    this.row = w.variable();
  }

  get(field: keyof typeof STEP_ROW): Word {
    return this.w.load("i32.load", this.row, STEP_ROW[field]);
  }

  set(field: keyof typeof STEP_ROW, value: Word): void {
    this.w.store("i32.store", this.row, STEP_ROW[field], value);
  }

  /** Of the next one, if there is one. */
  ofNext(field: keyof typeof STEP_ROW): Word {
    return this.w.load("i32.load", this.row, STEP_ROW_BYTES + STEP_ROW[field]);
  }

  /** The offset behind the instruction. */
  get after(): Word {
    return this.w.add(this.get("offset"), this.fact("bytes"));
  }

  /** The offset where it leads by its immediate. */
  get taken(): Word {
    return this.w.add(this.get("offset"), this.get("imm"));
  }

  fact(name: Exclude<keyof typeof FACTS, "number">): Word {
    return this.w.load("i32.load8_u", this.get("facts"), FACTS[name]);
  }

  get number(): Word {
    return this.w.load("i32.load16_u", this.get("facts"), FACTS.number);
  }

  isKind(kind: keyof typeof KIND): Word {
    return this.w.eq(this.fact("kind"), this.w.i32(KIND[kind]));
  }

  /** Not 0: it is set. */
  flag(name: keyof typeof FLAG): Word {
    return this.w.and(this.fact("flags"), this.w.i32(FLAG[name]));
  }

  /** Of the decoded slot. */
  slotByte(name: "rd" | "rs1" | "rs2" | "immediate"): Word {
    return this.w.load("i32.load8_u", this.get("slot"), SLOT[name]);
  }

  /** The place of an operand's register in a file of words. */
  registerOf(operand: Operand): Word {
    const { w } = this;
    const half = (name: "rd" | "rs1" | "rs2" | "immediate"): Word => w.shrU(this.slotByte(name), w.i32(1));
    const lastWord = w.i32(31 << 2);
    switch (operand) {
      case "rs1":
      case "rs2":
        return half(operand);
      // It lies above rm.
      case "rs3":
        return w.and(half("immediate"), lastWord);
      // The result in an x register is counted from x1.
      case "rd":
        return w.and(w.add(half("rd"), w.select(this.flag("writesFloat"), w.i32(0), w.i32(1 << 2))), lastWord);
      default:
        return operand satisfies never;
    }
  }
}

/** The row of a group of accesses. */
export class PresentGroup {
  constructor(
    private readonly w: Words,
    readonly row: Word,
  ) {}

  get(field: keyof typeof GROUP_ROW): Word {
    return this.w.load("i32.load", this.row, GROUP_ROW[field]);
  }

  set(field: keyof typeof GROUP_ROW, value: Word): void {
    this.w.store("i32.store", this.row, GROUP_ROW[field], value);
  }

  /** From its lowest place to the end of the last access. */
  get bytes(): Word {
    return this.w.sub(this.get("end"), this.get("lowest"));
  }
}

/** The f registers come behind the x registers. */
export const floatWords = (w: Words, use: Word): Word =>
  w.select(w.and(use, w.i32(USE.isFloat)), w.i32((REGISTERS / 2) * 4), w.i32(0));
