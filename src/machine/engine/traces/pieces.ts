/** The pieces of traces as templates: those beside the instructions, and those of an instruction in its place. */
import { FLOATING_POINT } from "../../isa/floating-point.js";
import { INSTRUCTIONS } from "../../isa/instruction-set.js";
import { accessKind } from "../compiled/access-groups.js";
import { BRANCHES, isCompiled, type CompilableInstruction, type CompiledSemantics } from "../compiled/compilable.js";
import type { Layout } from "../layout.js";
import { capture, CAPTURED_REGISTERS, registerOf, type Numbers, type Piece } from "./capture.js";
import { RecordingWriter } from "./recording-writer.js";
import { ACCESS, IMMEDIATE, partOf, ZERO } from "./template-key.js";
import type { Template } from "./template.js";
import type { Step } from "./trace-emitter.js";
import { writeLocals } from "./trace-locals.js";

const plain =
  (emit: (...given: Parameters<Piece>) => void): Piece =>
  (...given) => {
    emit(...given);
    return 0;
  };

/** In the order in which the compiler has them: see compiler-memory.ts. */
const PIECES = {
  locals: plain((_, { i64Locals, i32Locals, f32Locals, f64Locals }, asm) => {
    writeLocals(asm.code, { i64: i64Locals, i32: i32Locals, f32: f32Locals, f64: f64Locals });
  }),
  findData: plain((emitter) => {
    emitter.findData();
  }),
  floatStatus: plain((emitter) => {
    emitter.loadFloatStatus();
  }),
  loadX: plain((emitter, numbers) => {
    emitter.loadRegister("x", registerOf("rd", numbers));
  }),
  loadF: plain((emitter, numbers) => {
    emitter.loadRegister("f", registerOf("rd", numbers));
  }),
  /** What comes before a loop's body. */
  loop: plain((emitter, { insns }, asm) => {
    const before = asm.code;
    emitter.loop(insns, () => {
      asm.code = new RecordingWriter();
    });
    asm.code = before;
  }),
  /** What comes behind it. */
  again: plain((emitter, { insns }, asm) => {
    emitter.loop(insns, () => {
      asm.code = new RecordingWriter();
    });
  }),
  budget: plain((emitter, { insns, offset }) => {
    emitter.checkBudget(insns, offset);
  }),
  page: plain((emitter, { page, code, offset, insns }) => {
    emitter.seePage({ page, code }, { offset, insns });
  }),
  exit: plain((emitter, { offset, insns }) => {
    emitter.exit({ offset, insns });
  }),
  end: plain((emitter) => {
    emitter.end();
  }),
} as const satisfies Readonly<Record<string, Piece>>;
export type PieceName = keyof typeof PIECES;
export const PIECE_NAMES = Object.keys(PIECES) as readonly PieceName[];

export const pieceTemplate = (name: PieceName, directRam: Layout | undefined): Template =>
  capture(PIECES[name], directRam);

/** `key`: see template-key.ts. `layout`: of the engine, whose addresses code that relies on `directRam` has in it. */
export function instructionTemplate(key: number, layout: Layout): Template {
  const instruction = instructionOf(key);
  const piece: Piece = (emitter, numbers) => emitter.instruction(stepOf(key, instruction, numbers));
  return capture(piece, partOf(key, "isDirect") === 1 ? layout : undefined, exactNumbers(key));
}

/** The operands that are x registers, as bits of `ZERO`. */
export function integerOperands({ uses }: Template): number {
  const isInteger = (operand: keyof typeof ZERO): boolean => uses[operand]?.file === "x";
  return (["rd", "rs1", "rs2"] as const).reduce(
    (bits, operand) => (isInteger(operand) ? bits | ZERO[operand] : bits),
    0,
  );
}

function instructionOf(key: number): CompiledSemantics {
  const instruction = INSTRUCTIONS[partOf(key, "number")];
  if (instruction === undefined || !isCompiled(instruction)) throw new Error("a trace has an instruction of no set");
  return instruction;
}

const IMMEDIATES: Readonly<Record<number, readonly [number, number]>> = {
  [IMMEDIATE.zero]: [0, 0],
  [IMMEDIATE.below32]: [3, 20],
  [IMMEDIATE.other]: [33, 54],
};

const ONE_BYTE = { bytes: 1, minusBytes: -1 } as const;

function exactNumbers(key: number): readonly [Partial<Numbers>, Partial<Numbers>] {
  if (partOf(key, "access") === ACCESS.firstOfOneByte) return [ONE_BYTE, ONE_BYTE];
  // Floating point has a rounding mode in its place.
  const imm = instructionOf(key).name in FLOATING_POINT ? undefined : IMMEDIATES[partOf(key, "detail")];
  return imm === undefined ? [{}, {}] : [{ imm: imm[0] }, { imm: imm[1] }];
}

function stepOf(key: number, instruction: CompiledSemantics, numbers: Numbers): Step {
  const zeros = partOf(key, "zeros");
  const { imm, offset, after, taken, insns } = numbers;
  const decoded: CompilableInstruction = {
    instruction,
    raw: partOf(key, "detail") << 12,
    bytes: after - offset === 2 ? 2 : 4,
    rd: (zeros & ZERO.rd) === 0 ? registerOf("rd", numbers) : 0,
    rs1: (zeros & ZERO.rs1) === 0 ? CAPTURED_REGISTERS.rs1 : 0,
    rs2: (zeros & ZERO.rs2) === 0 ? CAPTURED_REGISTERS.rs2 : 0,
    rs3: CAPTURED_REGISTERS.rs3,
    imm,
  };
  const goesOnAt = BRANCHES.has(instruction.name) ? taken : numbers.next;
  return {
    ...{ offset, decoded, insns, checked: partOf(key, "checked") },
    next: partOf(key, "isFollowed") === 1 ? goesOnAt : undefined,
    access: accessOf(key, decoded, numbers),
  };
}

function accessOf(
  key: number,
  { instruction, rs1 }: CompilableInstruction,
  { lowest, bytes, offset }: Numbers,
): Step["access"] {
  const access = partOf(key, "access");
  if (access === ACCESS.alone) return undefined;
  const kind = accessKind(instruction) ?? "load";
  const group = { kind, base: rs1, lowest, bytes, first: offset } as const;
  return { group, isFirst: access !== ACCESS.later };
}
