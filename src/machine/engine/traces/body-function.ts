/** Writes the body of a trace's function: its locals, what it looks up once, and the instructions of the path. */
import { Assembler } from "../../wasm/assembler.js";
import type { LocalVariable } from "../expressions/local-variable.js";
import { Words, type Word } from "../expressions/words.js";
import { PAGE_BYTES, type Layout } from "../layout.js";
import { compilerMemory, GROUP_ROW, PAGE_ROW, REGISTERS, TEMPLATE, type CompilerMemory } from "./compiler-memory.js";
import { floatWords, Found, PresentStep } from "./found.js";
import { PIECE_NAMES, type PieceName } from "./pieces.js";
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
  found.forEach(step, () => {
    body.writeStep();
    body.arrive();
  });
  body.writePiece("end");
  return asm;
}

class Body {
  readonly w: Words;
  readonly found: Found;
  readonly step: PresentStep;
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
    this.step = new PresentStep(w);
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
    this.setValue("offset", found.firstOffset);
    this.writePiece("budget");
    this.setValue("insns", w.i32(0));
    w.store("i32.store", w.i32(0), this.memory.pages + PAGE_ROW.isSeen, w.i32(1));
  }

  /** The instruction, and how control leaves the trace there. */
  writeStep(): void {
    const { w, found, group, step } = this;
    const imm = this.step.get("imm");
    const lowest = w.load("i32.load", group, GROUP_ROW.lowest);
    const end = w.load("i32.load", group, GROUP_ROW.end);
    for (const operand of OPERANDS) this.setValue(operand, this.localOf(operand));
    this.setValue("rdBytes", w.shl(this.step.registerOf("rd"), w.i32(1)));
    this.setValue("imm", imm);
    this.setValue("offset", this.step.get("offset"));
    this.setValue("after", w.add(this.step.get("offset"), this.step.fact("bytes")));
    this.setValue("taken", w.add(this.step.get("offset"), imm));
    this.setValue("next", w.select(found.isLast(step), found.firstOffset, step.ofNext("offset")));
    w.when(group.tee(this.step.get("group")), () => {
      this.setValue("lowest", lowest);
      this.setValue("displacement", w.sub(imm, lowest));
      this.setValue("bytes", w.sub(end, lowest));
      this.setValue("minusBytes", w.sub(lowest, end));
      const host = w.sub(w.load("i32.load", group, GROUP_ROW.host), w.i32(1));
      this.setValue("host", w.add(this.firstHost, host));
    });
    w.call(this.fill, this.step.get("template"), group);
  }

  /** Control goes on: with the next instruction, at the head again, or behind the trace. */
  arrive(): void {
    const { w, found, step, target } = this;
    const isTaken = w.or(step.isKind("jal"), w.and(step.isKind("branch"), step.get("isFollowed")));
    const other = w.select(step.isKind("jalr"), this.value("next"), this.value("after"));
    target.set(w.select(isTaken, this.value("taken"), other));
    this.setValue("offset", target);
    this.setValue("insns", w.add(this.value("insns"), w.i32(1)));
    w.when(
      found.isLast(step),
      () => {
        w.when(
          found.get("isLoop"),
          () => {
            this.writePiece("again");
          },
          () => {
            w.when(w.not(step.isKind("jalr")), () => {
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
    page.set(step.ofNext("page"));
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
    const use = w.load("i32.load8_u", this.step.get("template"), TEMPLATE[operand]);
    return this.localAt(w.add(this.step.registerOf(operand), floatWords(w, use)));
  }

  /** They are counted from 1. */
  private localAt(register: Word): Word {
    const { w, memory } = this;
    return w.add(w.load("i32.load", register, memory.locals), w.i32(FIRST_REGISTER - 1));
  }

  private get firstHost(): Word {
    return this.w.sub(this.value("i32"), this.found.get("hosts"));
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
}
