/** The groups of accesses on a path: what compiled/access-groups.ts finds of it, in WebAssembly. */
import { Assembler } from "../../wasm/assembler.js";
import type { LocalVariable } from "../expressions/local-variable.js";
import { Words, type Word } from "../expressions/words.js";
import { MAX_GROUP_BYTES } from "../compiled/access-groups.js";
import { besideSlot } from "../decoded/slot-places.js";
import type { Layout } from "../layout.js";
import { compilerMemory, GROUP_ROW_BYTES, REGISTERS, type CompilerMemory } from "./compiler-memory.js";
import { Found, PresentGroup, PresentStep } from "./found.js";

const WORD_SHIFT = 2;

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
  private readonly group: PresentGroup;
  /** Of `group`. */
  private readonly row: LocalVariable;
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
    [this.row, this.nextRow] = [w.variable(), w.variable()];
    this.group = new PresentGroup(w, this.row);
    [this.place, this.lowest, this.end] = [w.variable(), w.variable(), w.variable()];
    this.nextRow.set(w.i32(this.memory.groups));
    w.fill(w.i32(this.memory.growing), 0, REGISTERS * 4);
  }

  /** The group that grows at its base, or a new one. */
  join(): void {
    const { w, step, group, row, place, lowest, end, memory } = this;
    const imm = step.get("imm");
    const ofKind = w.shl(w.sub(step.fact("access"), w.i32(1)), w.i32(WORD_SHIFT + 5));
    place.set(w.add(step.registerOf("rs1"), ofKind));
    w.when(row.tee(w.load("i32.load", place, memory.growing)), () => {
      const [low, high] = [group.get("lowest"), group.get("end")];
      lowest.set(w.select(w.ltS(imm, low), imm, low));
      end.set(w.add(imm, step.fact("width")));
      end.set(w.select(w.ltS(high, end), end, high));
      w.when(
        w.leU(w.sub(end, lowest), w.i32(MAX_GROUP_BYTES)),
        () => {
          group.set("lowest", lowest);
          group.set("end", end);
          group.set("members", w.add(group.get("members"), w.i32(1)));
        },
        () => {
          row.set(w.i32(0));
        },
      );
    });
    w.when(w.not(row), () => {
      this.begin(imm);
    });
    step.set("group", row);
  }

  /** No access behind this instruction has the same base as one before it, if that is its result. */
  endAtResult(): void {
    const { w, step, place, memory } = this;
    place.set(step.registerOf("rd"));
    for (const ofKind of [0, 32 << WORD_SHIFT]) w.store("i32.store", place, memory.growing + ofKind, w.i32(0));
  }

  dissolveIfAlone(): void {
    const { w, step, group, row, layout } = this;
    const split = { table: layout.splitAccesses, bytes: 1 } as const;
    row.set(step.get("group"));
    const isSplit = w.load("i32.load8_u", besideSlot(w, layout, group.get("first"), split));
    w.when(w.or(w.ltU(group.get("members"), w.i32(2)), isSplit), () => {
      step.set("group", w.i32(0));
    });
  }

  private begin(imm: Word): void {
    const { w, step, group, row, nextRow, place, memory } = this;
    row.set(nextRow);
    nextRow.set(w.add(nextRow, w.i32(GROUP_ROW_BYTES)));
    w.store("i32.store", place, memory.growing, row);
    group.set("base", step.slotByte("rs1"));
    group.set("lowest", imm);
    group.set("end", w.add(imm, step.fact("width")));
    group.set("members", w.i32(1));
    group.set("first", step.get("slot"));
    // No host address is found yet.
    group.set("host", w.i32(0));
  }
}
