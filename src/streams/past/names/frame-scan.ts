/**
 * What a function has done to its frame before an instruction, and what it will undo behind it, read from its code: a
 * kernel keeps frame pointers, but not in its first and last instructions, and not in all of its assembly.
 */
import { decode, isCompressed, type DecodedInstruction } from "../../../machine/isa/decode.js";

export const RA = 1;
export const SP = 2;
export const FP = 8;

export interface Prologue {
  /**
   * From the frame pointer to the canonical frame address: what a variadic function keeps of its arguments, else 0.
   * Undefined: the frame pointer is the caller's.
   */
  readonly framePointerBytes: number | undefined;
  /** From the stack pointer to the canonical frame address; not known any more where there is a frame pointer. */
  readonly frameBytes: number;
  /** Of registers that were saved, from the canonical frame address. */
  readonly saved: ReadonlyMap<number, number>;
}

/** What is still to be done until the function returns. */
export interface Epilogue {
  /** From the stack pointer now to the canonical frame address. */
  readonly frameBytes: number;
  /** Of registers that are still to be loaded, from the stack pointer now. */
  readonly loads: ReadonlyMap<number, number>;
}

/** A compiler may put the frame behind what a function can do without one. */
export const MAX_PROLOGUE_BYTES = 1024;
export const MAX_EPILOGUE_BYTES = 96;

/**
 * `code`: from the function's first instruction up to the one in question, as far as it is looked at. `kept`: the
 * registers that it must give back as they were.
 */
export function scanPrologue(code: Uint8Array, kept: ReadonlySet<number> = CALLEE_SAVED): Prologue {
  let saved = new Map<number, number>();
  let frameBytes = 0;
  let framePointerBytes: number | undefined;
  for (const { instruction, rd, rs1, rs2, imm } of instructionsIn(code)) {
    const { name } = instruction;
    if (name === "sd" && rs1 === SP) {
      if (kept.has(rs2) && !saved.has(rs2)) saved.set(rs2, imm - frameBytes);
    } else if (framePointerBytes !== undefined) {
      if (FLOW.has(name)) break;
    } else if (name === "addi" && rd === SP && rs1 === SP) frameBytes -= imm;
    else if (name === "addi" && rd === FP && rs1 === SP && imm > 0) framePointerBytes = frameBytes - imm;
    else if (name === "jalr" && rd === 0) {
      // It returned without a frame: what follows is jumped to from before there was one.
      saved = new Map();
      frameBytes = 0;
    }
  }
  return { framePointerBytes, frameBytes, saved };
}

/** `code`: from the instruction in question on. Undefined: there is more to it than to leave the function. */
export function scanEpilogue(code: Uint8Array): Epilogue | undefined {
  const loads = new Map<number, number>();
  let frameBytes = 0;
  for (const { instruction, rd, rs1, imm } of instructionsIn(code)) {
    const { name } = instruction;
    const isLeft = frameBytes > 0 || loads.size > 0;
    if (name === "jalr" && rd === 0 && (rs1 === RA || isLeft)) return { frameBytes, loads };
    if (name === "jal" && rd === 0 && isLeft) return { frameBytes, loads };
    if (name === "addi" && rd === SP && rs1 === SP) frameBytes += imm;
    else if (name === "ld" && rs1 === SP && !loads.has(rd)) loads.set(rd, imm + frameBytes);
    else if (FLOW.has(name) || rd === SP || rd === RA) return undefined;
  }
  return undefined;
}

/** Whether code stores to, or loads from, a place that the stack pointer has. */
export const accessesStack = (
  code: Uint8Array,
  name: "sd" | "ld",
  register: number | undefined,
  offset: number,
): boolean => {
  for (const { instruction, rd, rs1, rs2, imm } of instructionsIn(code)) {
    const moved = name === "sd" ? rs2 : rd;
    if (instruction.name === name && rs1 === SP && imm === offset && (register ?? moved) === moved) return true;
  }
  return false;
};

/** Whether code takes the stack pointer elsewhere than up and down its stack. */
export const leavesStack = (code: Uint8Array): boolean => {
  for (const { instruction, rd, rs1 } of instructionsIn(code))
    if (rd === SP && !(instruction.name === "addi" && rs1 === SP)) return true;
  return false;
};

/** ra, and what a function gives back as it was. */
export const CALLEE_SAVED: ReadonlySet<number> = new Set([
  RA,
  FP,
  9,
  ...Array.from({ length: 10 }, (_, index) => 18 + index),
]);

const FLOW = new Set(["jal", "jalr", "beq", "bne", "blt", "bge", "bltu", "bgeu", "sret", "mret", "ebreak", "ecall"]);

function* instructionsIn(code: Uint8Array): Generator<DecodedInstruction> {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  for (let at = 0; at + 2 <= code.length;) {
    const low = view.getUint16(at, true);
    const bytes = isCompressed(low) ? 2 : 4;
    if (at + bytes > code.length) return;
    const decoded = decode(bytes === 2 ? low : view.getUint32(at, true));
    if (decoded !== undefined) yield decoded;
    at += bytes;
  }
}
