/** The groups of accesses on a path: what compiled/access-groups.ts finds of it, in WebAssembly. */
import { Assembler } from "../../wasm/assembler.js";
import type { LocalVariable } from "../expressions/local-variable.js";
import { Words, type Word } from "../expressions/words.js";
import { MAX_GROUP_BYTES } from "../compiled/access-groups.js";
import { SLOT_BYTES, type Layout } from "../layout.js";
import { compilerMemory, GROUP_ROW, GROUP_ROW_BYTES, REGISTERS, type CompilerMemory } from "./compiler-memory.js";
import { Found, PresentStep } from "./found.js";

const WORD_SHIFT = 2;
/** Of a register's place in its file. */
const REGISTER_SHIFT = 3;

/** Gives each access of the path its group, if that has more than one, and is not split. */
export function groupsFunction(layout: Layout): Assembler {
  const asm = new Assembler([]);
  const groups = new Groups(asm, layout);
  const { w, found, step } = groups;
  found.forEach(step, () => {
    w.when(step.fact("access"), () => {
      groups.join();
    });
    w.when(step.flag("hasXResult"), () => {
      groups.endAtResult();
    });
  });
  found.forEach(step, () => {
    w.when(step.get("group"), () => {
      groups.dissolveIfAlone();
    });
  });
  return asm;
}

class Groups {
  readonly w: Words;
  readonly found: Found;
  readonly step: PresentStep;
  private readonly memory: CompilerMemory;
  private readonly group: LocalVariable;
  /** Where the next one goes. */
  private readonly nextRow: LocalVariable;
  private readonly place: LocalVariable;
  private readonly lowest: LocalVariable;
  private readonly end: LocalVariable;

  constructor(
    asm: Assembler,
    private readonly layout: Layout,
  ) {
    const w = (this.w = new Words(asm));
    this.found = new Found(w, layout);
    this.memory = compilerMemory(layout);
    this.step = new PresentStep(w);
    [this.group, this.nextRow] = [w.variable(), w.variable()];
    [this.place, this.lowest, this.end] = [w.variable(), w.variable(), w.variable()];
    this.nextRow.set(w.i32(this.memory.groups));
    w.fill(w.i32(this.memory.growing), 0, REGISTERS * 4);
  }

  /** The group that grows at its base, or a new one. */
  join(): void {
    const { w, step, group, place, lowest, end, memory } = this;
    const imm = step.get("imm");
    const ofKind = w.shl(w.sub(step.fact("access"), w.i32(1)), w.i32(WORD_SHIFT + 5));
    place.set(w.add(w.shrU(step.slotByte("rs1"), w.i32(REGISTER_SHIFT - WORD_SHIFT)), ofKind));
    w.when(group.tee(w.load("i32.load", place, memory.growing)), () => {
      const [low, high] = [this.ofGroup("lowest"), this.ofGroup("end")];
      lowest.set(w.select(w.ltS(imm, low), imm, low));
      end.set(w.add(imm, step.fact("width")));
      end.set(w.select(w.ltS(high, end), end, high));
      w.when(
        w.leU(w.sub(end, lowest), w.i32(MAX_GROUP_BYTES)),
        () => {
          this.setOfGroup("lowest", lowest);
          this.setOfGroup("end", end);
          this.setOfGroup("members", w.add(this.ofGroup("members"), w.i32(1)));
        },
        () => {
          group.set(w.i32(0));
        },
      );
    });
    w.when(w.not(group), () => {
      this.begin(imm);
    });
    step.set("group", group);
  }

  /** No access behind this instruction has the same base as one before it, if that is its result. */
  endAtResult(): void {
    const { w, step, place, memory } = this;
    // The result in an x register is counted from x1.
    const from = w.select(step.flag("writesFloat"), w.i32(0), w.i32(1 << REGISTER_SHIFT));
    const rd = w.and(w.add(step.slotByte("rd"), from), w.i32(31 << REGISTER_SHIFT));
    place.set(w.shrU(rd, w.i32(REGISTER_SHIFT - WORD_SHIFT)));
    for (const ofKind of [0, 32 << WORD_SHIFT]) w.store("i32.store", place, memory.growing + ofKind, w.i32(0));
  }

  dissolveIfAlone(): void {
    const { w, step, group, layout } = this;
    const slots = w.sub(this.ofGroup("first"), w.i32(layout.codePool));
    const isSplit = w.load("i32.load8_u", w.shrU(slots, w.i32(31 - Math.clz32(SLOT_BYTES))), layout.splitAccesses);
    group.set(step.get("group"));
    w.when(w.or(w.ltU(this.ofGroup("members"), w.i32(2)), isSplit), () => {
      step.set("group", w.i32(0));
    });
  }

  private begin(imm: Word): void {
    const { w, step, group, nextRow, place, memory } = this;
    group.set(nextRow);
    nextRow.set(w.add(nextRow, w.i32(GROUP_ROW_BYTES)));
    w.store("i32.store", place, memory.growing, group);
    this.setOfGroup("base", step.slotByte("rs1"));
    this.setOfGroup("lowest", imm);
    this.setOfGroup("end", w.add(imm, step.fact("width")));
    this.setOfGroup("members", w.i32(1));
    this.setOfGroup("first", step.get("slot"));
    // No host address is found yet.
    this.setOfGroup("host", w.i32(0));
  }

  private ofGroup(name: keyof typeof GROUP_ROW): Word {
    return this.w.load("i32.load", this.group, GROUP_ROW[name]);
  }

  private setOfGroup(name: keyof typeof GROUP_ROW, value: Word): void {
    this.w.store("i32.store", this.group, GROUP_ROW[name], value);
  }
}
