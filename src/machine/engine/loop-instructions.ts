/** Compiles each instruction of the interpreter's loop from the semantics table. */
import { INSTRUCTIONS, type NumberedInstruction } from "../isa/instruction-set.js";
import { RV64C } from "../isa/rv64c.js";
import { RV64I } from "../isa/rv64i.js";
import { RV64M } from "../isa/rv64m.js";
import type { Label } from "../wasm/assembler.js";
import { handlerOf } from "./handlers.js";
import { HANDLER, SLOT_SHIFT } from "./layout.js";
import type { LoopFunctions, LoopState } from "./loop-state.js";
import { SlotOps, type Frame } from "./slot-ops.js";
import type { Case } from "./switch-on.js";

/** The loop holds frequent instructions and jumps. All others, and misses of the TLB, are calls. */
const isInline = ({ name }: NumberedInstruction): boolean => name in RV64I || name in QUICK_RV64M;
const QUICK_RV64M: Partial<typeof RV64M> = { mul: RV64M.mul, mulw: RV64M.mulw };

const COMPRESSED_NAMES: ReadonlySet<string> = new Set(Object.values(RV64C).map(({ name }) => name));
const hasCompressed = ({ name }: NumberedInstruction): boolean => COMPRESSED_NAMES.has(name);

/** Where an instruction continues. */
export interface InstructionEnds extends Pick<Frame, "resumeOrLeave" | "leave"> {
  /** The next instruction. `slot` is already its slot. */
  readonly next: Label;
  /** The instruction starts again in its function outside the loop. */
  readonly outOfLine: Label;
  /** Jumps to pc. */
  readonly jump: Label;
  /** Jumps by `displacement`. */
  readonly jumpBy: Label;
}

export function instructionCases(loop: LoopState, engine: LoopFunctions, ends: InstructionEnds): readonly Case[] {
  const { asm, slot, displacement, context, pc, addTo, currentPc, spill } = loop;
  const { resumeOrLeave, leave } = ends;
  let mayEndOutOfLine = false;
  const frame = (bytes: 2 | 4): Frame => ({
    asm,
    slot,
    dataContext: () => {
      asm.get(context);
    },
    pc: currentPc,
    nextPc: () => {
      currentPc();
      asm.i64(BigInt(bytes));
      asm.op("i64.add");
    },
    spill,
    resumeOrLeave,
    leave,
    accessMissed: () => {
      mayEndOutOfLine = true;
      asm.br(ends.outOfLine);
    },
    jumpTo: (destination) => {
      destination();
      asm.set(pc);
      asm.br(ends.jump);
    },
    jumpBy: (by) => {
      by();
      asm.op("i32.wrap_i64");
      asm.set(displacement);
      asm.br(ends.jumpBy);
    },
  });
  const frames = { 2: new SlotOps(frame(2), engine), 4: new SlotOps(frame(4), engine) } as const;
  const inlineCase = (instruction: NumberedInstruction, bytes: 2 | 4): Case => [
    [handlerOf(instruction, bytes)],
    () => {
      const o = frames[bytes];
      mayEndOutOfLine = false;
      instruction.execute(o, o.operands(instruction.format));
      o.releaseLocals();
      addTo(slot, bytes << SLOT_SHIFT);
      asm.br(ends.next);
      if (mayEndOutOfLine) engine.executesOutOfLine(instruction);
    },
  ];
  const inline = INSTRUCTIONS.filter(isInline);
  const outOfLine = INSTRUCTIONS.filter((instruction) => !isInline(instruction));
  outOfLine.forEach(engine.executesOutOfLine);
  return [
    ...inline.map((instruction) => inlineCase(instruction, 4)),
    ...inline.filter(hasCompressed).map((instruction) => inlineCase(instruction, 2)),
    [
      outOfLine.flatMap((instruction) => [handlerOf(instruction, 4), handlerOf(instruction, 2)]),
      () => {
        asm.br(ends.outOfLine);
      },
    ],
    [
      [HANDLER.illegal],
      () => {
        frames[4].illegal();
      },
    ],
  ];
}
