/** Compiles each instruction of the interpreter's loop from the semantics table. */
import { INSTRUCTIONS, type NumberedInstruction } from "../../isa/instruction-set.js";
import { RV64C } from "../../isa/rv64c.js";
import { RV64I } from "../../isa/rv64i.js";
import { RV64M } from "../../isa/rv64m.js";
import type { Label } from "../../wasm/assembler.js";
import { handlerOf } from "../slot-form.js";
import { HANDLER, SLOT_SHIFT } from "../layout.js";
import type { LoopFunctions, LoopState } from "./loop-state.js";
import { SlotOps, type Frame } from "../slot-ops.js";
import type { Case } from "../expressions/switch-on.js";

/** The loop holds frequent instructions and jumps. All others, and misses of the TLB, are calls. */
const isInline = ({ name }: NumberedInstruction): boolean => name in RV64I || name in QUICK_RV64M;
const QUICK_RV64M: Partial<typeof RV64M> = { mul: RV64M.mul, mulw: RV64M.mulw };

const COMPRESSED_NAMES: ReadonlySet<string> = new Set(Object.values(RV64C).map(({ name }) => name));
const hasCompressed = ({ name }: NumberedInstruction): boolean => COMPRESSED_NAMES.has(name);

/** Where an instruction continues. */
export interface InstructionLabels {
  /** The next instruction. `slot` is already its slot. */
  readonly next: Label;
  /** The instruction starts again in its function outside the loop. */
  readonly outOfLine: Label;
  /** Jumps to pc. */
  readonly jump: Label;
  /** Jumps by `displacement`. */
  readonly jumpBy: Label;
}

export function instructionCases(
  loop: LoopState,
  engine: LoopFunctions,
  ends: Pick<Frame, "resumeOrLeave" | "leave">,
  labels: InstructionLabels,
): readonly Case[] {
  const { asm, w, v, slot, displacement, context, pc, currentPc } = loop;
  let mayEndOutOfLine = false;
  const frame = (bytes: 2 | 4): Frame => ({
    asm,
    w,
    slot,
    dataContext: context,
    pc: currentPc,
    nextPc: v.add(currentPc, v.i64(BigInt(bytes))),
    spill: () => {
      loop.spill();
    },
    resumeOrLeave: ends.resumeOrLeave,
    leave: ends.leave,
    accessMissed: () => {
      mayEndOutOfLine = true;
      asm.br(labels.outOfLine);
    },
    jumpTo: (destination) => {
      pc.set(destination);
      asm.br(labels.jump);
    },
    jumpBy: (by) => {
      displacement.set(w.low(by));
      asm.br(labels.jumpBy);
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
      loop.addTo(slot, bytes << SLOT_SHIFT);
      loop.readHandler();
      asm.br(labels.next);
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
        asm.br(labels.outOfLine);
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
