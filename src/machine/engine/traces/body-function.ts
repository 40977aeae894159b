/** Writes the body of a trace's function: its locals, what it looks up once, and the instructions of the path. */
import { Assembler } from "../../wasm/assembler.js";
import type { LocalVariable } from "../expressions/local-variable.js";
import { Words, type Word } from "../expressions/words.js";
import { PAGE_BYTES, type Layout } from "../layout.js";
import { compilerMemory, PAGE_ROW, REGISTERS, TEMPLATE, type CompilerMemory } from "./compiler-memory.js";
import { floatWords, Found, PresentGroup, PresentStep } from "./found.js";
import { PIECE_NAMES, type PieceName } from "./pieces.js";
import { SourceValues } from "./source-values.js";
import { OPERANDS, type Operand } from "./template.js";
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
  private readonly values: SourceValues;
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
    this.values = new SourceValues(w, this.memory);
    this.isDirect = w.parameter(0);
    this.step = new PresentStep(w);
    [this.register, this.group, this.target, this.page] = [w.variable(), w.variable(), w.variable(), w.variable()];
    this.found.set("end", w.i32(this.memory.body));
  }

  /** Where the locals of each type for what instructions compute begin. Those of registers come before. */
  placeLocals(): void {
    const { w, found, values } = this;
    values.set("i64", w.add(found.get("registers"), w.i32(FIRST_REGISTER)));
    values.set("floatStatus", w.add(values.get("i64"), found.get("i64")));
    const floats = w.select(found.get("hasFloat"), w.i32(FLOAT_LOCALS), w.i32(0));
    values.set("host", w.add(values.get("floatStatus"), floats));
    values.set("i32", w.add(values.get("host"), found.get("hosts")));
    values.set("f32", w.add(values.get("i32"), found.get("i32")));
    values.set("f64", w.add(values.get("f32"), found.get("f32")));
  }

  writeLocals(): void {
    const { w, found, values } = this;
    values.set("i64Locals", w.sub(values.get("floatStatus"), w.i32(FIRST_LOCAL)));
    values.set("i32Locals", w.sub(values.get("f32"), values.get("floatStatus")));
    values.set("f32Locals", found.get("f32"));
    values.set("f64Locals", found.get("f64"));
    this.writePiece("locals");
  }

  writeBeginning(): void {
    const { w, found, values } = this;
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
    values.set("insns", found.get("insns"));
    values.set("offset", found.firstOffset);
    this.writePiece("budget");
    values.set("insns", w.i32(0));
    w.store("i32.store", w.i32(0), this.memory.pages + PAGE_ROW.isSeen, w.i32(1));
  }

  /** The instruction, and how control leaves the trace there. */
  writeStep(): void {
    const { w, found, step, values } = this;
    const group = new PresentGroup(w, this.group);
    for (const operand of OPERANDS) values.set(operand, this.localOf(operand));
    values.set("rdBytes", w.shl(step.registerOf("rd"), w.i32(1)));
    values.set("imm", step.get("imm"));
    values.set("offset", step.get("offset"));
    values.set("after", step.after);
    values.set("taken", step.taken);
    values.set("next", found.nextOffset(step));
    w.when(this.group.tee(step.get("group")), () => {
      values.set("lowest", group.get("lowest"));
      values.set("displacement", w.sub(step.get("imm"), group.get("lowest")));
      values.set("bytes", group.bytes);
      values.set("minusBytes", w.sub(group.get("lowest"), group.get("end")));
      values.set("host", w.add(this.firstHost, w.sub(group.get("host"), w.i32(1))));
    });
    w.call(this.fill, step.get("template"), this.group);
  }

  /** Control goes on: with the next instruction, at the head again, or behind the trace. */
  arrive(): void {
    const { w, found, step, target, values } = this;
    const isTaken = w.or(step.isKind("jal"), w.and(step.isKind("branch"), step.get("isFollowed")));
    const other = w.select(step.isKind("jalr"), values.get("next"), values.get("after"));
    target.set(w.select(isTaken, values.get("taken"), other));
    values.set("offset", target);
    values.set("insns", w.add(values.get("insns"), w.i32(1)));
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
    const { w, step, target, page, values } = this;
    page.set(step.ofNext("page"));
    w.when(w.not(w.load("i32.load", page, PAGE_ROW.isSeen)), () => {
      values.set("page", w.and(target, w.i32(-PAGE_BYTES)));
      values.set("code", w.load("i32.load", page, PAGE_ROW.code));
      this.writePiece("page");
      w.store("i32.store", page, PAGE_ROW.isSeen, w.i32(1));
    });
  }

  /** Those that the trace needs from before. */
  private loadRegisters(): void {
    const { w, register, memory, values } = this;
    register.set(w.i32(0));
    w.repeat(() => {
      w.when(w.load("i32.load", register, memory.isRead), () => {
        values.set("rd", this.localAt(register));
        values.set("rdBytes", w.shl(w.and(register, w.i32(FILE_WORDS - WORD)), w.i32(1)));
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
    const { w, step } = this;
    const use = w.load("i32.load8_u", step.get("template"), TEMPLATE[operand]);
    return this.localAt(w.add(step.registerOf(operand), floatWords(w, use)));
  }

  /** They are counted from 1. */
  private localAt(register: Word): Word {
    const { w, memory } = this;
    return w.add(w.load("i32.load", register, memory.locals), w.i32(FIRST_REGISTER - 1));
  }

  private get firstHost(): Word {
    return this.w.sub(this.values.get("i32"), this.found.get("hosts"));
  }

  private pieceAt(number: Word): Word {
    return this.w.load("i32.load", this.w.index(number), this.memory.pieces);
  }
}
