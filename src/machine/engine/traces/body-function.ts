/** Writes the body of a trace's function: its locals, what it looks up once, and the instructions of the path. */
import { Assembler } from "../../wasm/assembler.js";
import type { LocalVariable } from "../expressions/local-variable.js";
import { Words, type Word } from "../expressions/words.js";
import { PAGE_BYTES, type Layout } from "../layout.js";
import {
  compilerMemory,
  FACTS,
  FLAG,
  GROUP_ROW,
  KIND,
  PAGE_ROW,
  REGISTERS,
  STEP_ROW,
  STEP_ROW_BYTES,
  TEMPLATE,
  type CompilerMemory,
} from "./compiler-memory.js";
import { Found } from "./found.js";
import { PIECE_NAMES, type PieceName } from "./pieces.js";
import { floatWords, registerWord } from "./plan-function.js";
import { OPERANDS, SOURCES, type Operand, type Source } from "./template.js";
import { FIRST_LOCAL, FIRST_REGISTER, FLOAT_LOCALS } from "./trace-locals.js";

const WORD = 4;
/** The registers of a file, in words. */
const FILE_WORDS = (REGISTERS / 2) * WORD;

/** (loads and stores rely on `directRam`): the path has a plan. */
export function bodyFunction(layout: Layout, fillFunction: number): Assembler {
  const asm = new Assembler(["i32"]);
  const body = new Body(asm, layout, fillFunction);
  const { found, step } = body;
  body.placeLocals();
  body.writeLocals();
  body.writeBeginning();
  found.forEachStep(step, () => {
    body.writeStep();
    body.arrive();
  });
  body.writePiece("end");
  return asm;
}

class Body {
  readonly w: Words;
  readonly found: Found;
  readonly step: LocalVariable;
  private readonly memory: CompilerMemory;
  private readonly isDirect: Word;
  private readonly register: LocalVariable;
  private readonly group: LocalVariable;
  private readonly target: LocalVariable;
  private readonly page: LocalVariable;

  constructor(
    asm: Assembler,
    layout: Layout,
    private readonly fill: number,
  ) {
    const w = (this.w = new Words(asm));
    this.found = new Found(w, layout);
    this.memory = compilerMemory(layout);
    this.isDirect = w.parameter(0);
    this.step = w.variable();
    [this.register, this.group, this.target, this.page] = [w.variable(), w.variable(), w.variable(), w.variable()];
    this.found.set("end", w.i32(this.memory.body));
  }

  /** Where the locals of each type for what instructions compute begin. Those of registers come before. */
  placeLocals(): void {
    const { w, found } = this;
    this.setValue("i64", w.add(found.get("registers"), w.i32(FIRST_REGISTER)));
    this.setValue("floatStatus", w.add(this.value("i64"), found.get("i64")));
    const floats = w.select(found.get("hasFloat"), w.i32(FLOAT_LOCALS), w.i32(0));
    this.setValue("host", w.add(this.value("floatStatus"), floats));
    this.setValue("i32", w.add(this.value("host"), found.get("hosts")));
    this.setValue("f32", w.add(this.value("i32"), found.get("i32")));
    this.setValue("f64", w.add(this.value("f32"), found.get("f32")));
  }

  writeLocals(): void {
    const { w, found } = this;
    this.setValue("i64Locals", w.sub(this.value("floatStatus"), w.i32(FIRST_LOCAL)));
    this.setValue("i32Locals", w.sub(this.value("f32"), this.value("floatStatus")));
    this.setValue("f32Locals", found.get("f32"));
    this.setValue("f64Locals", found.get("f64"));
    this.writePiece("locals");
  }

  writeBeginning(): void {
    const { w, found } = this;
    // That of code that relies on `directRam` is behind all.
    const findData = w.select(this.isDirect, w.i32(PIECE_NAMES.length), w.i32(PIECE_NAMES.indexOf("findData")));
    w.call(this.fill, this.pieceAt(findData), w.i32(0));
    w.when(found.get("hasFloat"), () => {
      this.writePiece("floatStatus");
    });
    this.loadRegisters();
    w.when(found.get("isLoop"), () => {
      this.writePiece("loop");
    });
    this.setValue("insns", found.get("insns"));
    this.setValue("offset", this.firstOffset);
    this.writePiece("budget");
    this.setValue("insns", w.i32(0));
    w.store("i32.store", w.i32(0), this.memory.pages + PAGE_ROW.isSeen, w.i32(1));
  }

  /** The instruction, and how control leaves the trace there. */
  writeStep(): void {
    const { w, group, step } = this;
    const imm = this.ofStep("imm");
    const lowest = w.load("i32.load", group, GROUP_ROW.lowest);
    const end = w.load("i32.load", group, GROUP_ROW.end);
    for (const operand of OPERANDS) this.setValue(operand, this.localOf(operand));
    this.setValue("rdBytes", w.shl(this.registerOf("rd"), w.i32(1)));
    this.setValue("imm", imm);
    this.setValue("offset", this.ofStep("offset"));
    this.setValue("after", w.add(this.ofStep("offset"), this.fact("bytes")));
    this.setValue("taken", w.add(this.ofStep("offset"), imm));
    const isLast = w.eq(w.add(step, w.i32(STEP_ROW_BYTES)), this.found.stepsEnd);
    const nextOffset = w.load("i32.load", step, STEP_ROW_BYTES + STEP_ROW.offset);
    this.setValue("next", w.select(isLast, this.firstOffset, nextOffset));
    w.when(group.tee(this.ofStep("group")), () => {
      this.setValue("lowest", lowest);
      this.setValue("displacement", w.sub(imm, lowest));
      this.setValue("bytes", w.sub(end, lowest));
      this.setValue("minusBytes", w.sub(lowest, end));
      const host = w.sub(w.load("i32.load", group, GROUP_ROW.host), w.i32(1));
      this.setValue("host", w.add(this.firstHost, host));
    });
    w.call(this.fill, this.ofStep("template"), group);
  }

  /** Control goes on: with the next instruction, at the head again, or behind the trace. */
  arrive(): void {
    const { w, found, step, target } = this;
    const kind = this.fact("kind");
    const isJump = w.or(w.eq(kind, w.i32(KIND.jal)), w.eq(kind, w.i32(KIND.branch)));
    const isTaken = w.and(isJump, w.or(w.eq(kind, w.i32(KIND.jal)), this.ofStep("isFollowed")));
    const isJalr = w.eq(kind, w.i32(KIND.jalr));
    target.set(w.select(isTaken, this.value("taken"), w.select(isJalr, this.value("next"), this.value("after"))));
    this.setValue("offset", target);
    const isLast = w.eq(w.add(step, w.i32(STEP_ROW_BYTES)), found.stepsEnd);
    this.setValue("insns", w.add(this.value("insns"), w.i32(1)));
    w.when(
      isLast,
      () => {
        w.when(
          found.get("isLoop"),
          () => {
            this.writePiece("again");
          },
          () => {
            w.when(w.not(isJalr), () => {
              this.writePiece("exit");
            });
          },
        );
      },
      () => {
        this.seePage();
      },
    );
  }

  writePiece(name: PieceName): void {
    const { w } = this;
    w.call(this.fill, this.pieceAt(w.i32(PIECE_NAMES.indexOf(name))), w.i32(0));
  }

  /** Looks whether the next instruction's page is still at its place, if this is its first one there. */
  private seePage(): void {
    const { w, step, target, page } = this;
    page.set(w.load("i32.load", step, STEP_ROW_BYTES + STEP_ROW.page));
    w.when(w.not(w.load("i32.load", page, PAGE_ROW.isSeen)), () => {
      this.setValue("page", w.and(target, w.i32(-PAGE_BYTES)));
      this.setValue("code", w.load("i32.load", page, PAGE_ROW.code));
      this.writePiece("page");
      w.store("i32.store", page, PAGE_ROW.isSeen, w.i32(1));
    });
  }

  /** Those that the trace needs from before. */
  private loadRegisters(): void {
    const { w, register, memory } = this;
    register.set(w.i32(0));
    w.repeat(() => {
      w.when(w.load("i32.load", register, memory.isRead), () => {
        this.setValue("rd", this.localAt(register));
        this.setValue("rdBytes", w.shl(w.and(register, w.i32(FILE_WORDS - WORD)), w.i32(1)));
        w.when(
          w.ltU(register, w.i32(FILE_WORDS)),
          () => {
            this.writePiece("loadX");
          },
          () => {
            this.writePiece("loadF");
          },
        );
      });
      return w.ltU(register.tee(w.add(register, w.i32(WORD))), w.i32(REGISTERS * WORD));
    });
  }

  private localOf(operand: Operand): Word {
    const { w } = this;
    const use = w.load("i32.load8_u", this.ofStep("template"), TEMPLATE[operand]);
    return this.localAt(w.add(this.registerOf(operand), floatWords(w, use)));
  }

  private registerOf(operand: Operand): Word {
    const writesFloat = this.w.and(this.fact("flags"), this.w.i32(FLAG.writesFloat));
    return registerWord(this.w, this.ofStep("slot"), operand, writesFloat);
  }

  /** They are counted from 1. */
  private localAt(register: Word): Word {
    const { w, memory } = this;
    return w.add(w.load("i32.load", register, memory.locals), w.i32(FIRST_REGISTER - 1));
  }

  private get firstHost(): Word {
    return this.w.sub(this.value("i32"), this.found.get("hosts"));
  }

  private get firstOffset(): Word {
    return this.w.load("i32.load", this.w.i32(0), this.memory.steps + STEP_ROW.offset);
  }

  private pieceAt(number: Word): Word {
    return this.w.load("i32.load", this.w.index(number), this.memory.pieces);
  }

  private value(source: Source): Word {
    return this.w.load("i32.load", this.w.i32(0), this.addressOf(source));
  }

  private setValue(source: Source, value: Word): void {
    this.w.store("i32.store", this.w.i32(0), this.addressOf(source), value);
  }

  private addressOf(source: Source): number {
    return this.memory.values + SOURCES.indexOf(source) * WORD;
  }

  private fact(name: keyof typeof FACTS): Word {
    return this.w.load("i32.load8_u", this.ofStep("facts"), FACTS[name]);
  }

  private ofStep(name: keyof typeof STEP_ROW): Word {
    return this.w.load("i32.load", this.step, STEP_ROW[name]);
  }
}
