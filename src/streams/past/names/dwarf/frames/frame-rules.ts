/** Runs call frame instructions: where an instruction's frame keeps what its caller had (DWARF 5, section 6.4.2). */
import type { Cursor } from "../file/cursor.js";
import type { Expression } from "../values/expression.js";
import type { CommonFrame, FrameSection, FunctionFrame, Instructions } from "./frame-section.js";
import { readPointer } from "./pointer-encoding.js";

/** Of one function. A compiler writes some for each register that it saves. */
export const MAX_INSTRUCTIONS = 2 ** 20;
/** Sets of rules that are put aside at once. */
export const MAX_REMEMBERED = 256;
/** Integer and floating-point registers, CSRs and vectors have numbers below it. */
export const MAX_REGISTER = 2 ** 13;

/** Where the caller's value of a register is. Offsets are from the canonical frame address. */
export type RegisterRule =
  | { readonly kind: "undefined" | "same" }
  | { readonly kind: "offset" | "valueOffset"; readonly offset: bigint }
  | { readonly kind: "register"; readonly register: number }
  | { readonly kind: "expression" | "valueExpression"; readonly expression: Expression };

export type CanonicalFrameRule =
  { readonly register: number; readonly offset: bigint } | { readonly expression: Expression };

export interface FrameRules {
  readonly canonicalFrame: CanonicalFrameRule;
  readonly registers: ReadonlyMap<number, RegisterRule>;
}

/** Those at an instruction of the function. @throws {DwarfError} */
export function rulesAt(frames: FrameSection, frame: FunctionFrame, pc: bigint): FrameRules {
  const machine = new FrameMachine(frames, frames.common(frame.commonAt), frame.start, pc);
  machine.run(frames.common(frame.commonAt).instructions);
  machine.keepInitial();
  machine.run(frame.instructions);
  return machine.rules();
}

const CFA = {
  nop: 0x00,
  set_loc: 0x01,
  advance_loc1: 0x02,
  advance_loc2: 0x03,
  advance_loc4: 0x04,
  offset_extended: 0x05,
  restore_extended: 0x06,
  undefined: 0x07,
  same_value: 0x08,
  register: 0x09,
  remember_state: 0x0a,
  restore_state: 0x0b,
  def_cfa: 0x0c,
  def_cfa_register: 0x0d,
  def_cfa_offset: 0x0e,
  def_cfa_expression: 0x0f,
  expression: 0x10,
  offset_extended_sf: 0x11,
  def_cfa_sf: 0x12,
  def_cfa_offset_sf: 0x13,
  val_offset: 0x14,
  val_offset_sf: 0x15,
  val_expression: 0x16,
  GNU_args_size: 0x2e,
  GNU_negative_offset_extended: 0x2f,
  /** With an operand in the low six bits. */
  advance_loc: 0x40,
  offset: 0x80,
  restore: 0xc0,
};

interface Rules {
  canonicalFrame: CanonicalFrameRule;
  registers: Map<number, RegisterRule>;
}

class FrameMachine {
  // GNU's assembler has common entries that only name the register: nothing is added to it.
  private now: Rules = { canonicalFrame: { register: 0, offset: 0n }, registers: new Map() };
  private initial: ReadonlyMap<number, RegisterRule> = new Map();
  private readonly remembered: Rules[] = [];
  private location: bigint;

  constructor(
    private readonly frames: FrameSection,
    private readonly common: CommonFrame,
    start: bigint,
    private readonly pc: bigint,
  ) {
    this.location = start;
  }

  rules(): FrameRules {
    return this.now;
  }

  /** What a restored register goes back to. */
  keepInitial(): void {
    this.initial = new Map(this.now.registers);
  }

  run({ at, end }: Instructions): void {
    const cursor = this.frames.section.cursor(at, end);
    for (let ran = 0; !cursor.isAtEnd && this.location <= this.pc; ran++) {
      if (ran === MAX_INSTRUCTIONS) throw cursor.error("TOO_LARGE", "a frame has too many instructions");
      const byte = cursor.u8();
      const operand = byte & 0x3f;
      const high = byte & 0xc0;
      if (high === CFA.advance_loc) this.advance(BigInt(operand));
      else if (high === CFA.offset) this.saved(operand, BigInt(cursor.uleb()), cursor);
      else if (high === CFA.restore) this.restore(operand, cursor);
      else if (!this.move(byte, cursor) && !this.frame(byte, cursor)) this.register(byte, cursor);
    }
  }

  private move(op: number, cursor: Cursor): boolean {
    switch (op) {
      case CFA.nop:
        return true;
      case CFA.set_loc: {
        const { pointerEncoding, addressBytes } = this.common;
        this.location = readPointer(cursor, pointerEncoding, addressBytes, this.frames.section.address);
        return true;
      }
      case CFA.advance_loc1:
        this.advance(cursor.unsigned(1));
        return true;
      case CFA.advance_loc2:
        this.advance(cursor.unsigned(2));
        return true;
      case CFA.advance_loc4:
        this.advance(cursor.unsigned(4));
        return true;
      case CFA.remember_state:
        if (this.remembered.length === MAX_REMEMBERED) throw cursor.error("TOO_LARGE", "a frame remembers too much");
        this.remembered.push({ ...this.now, registers: new Map(this.now.registers) });
        return true;
      case CFA.restore_state: {
        const before = this.remembered.pop();
        if (before === undefined) throw cursor.error("DAMAGED", "a frame restores what it does not remember");
        this.now = before;
        return true;
      }
      case CFA.GNU_args_size:
        cursor.skipLeb();
        return true;
      default:
        return false;
    }
  }

  /** Rules of the canonical frame address. */
  private frame(op: number, cursor: Cursor): boolean {
    const { now } = this;
    switch (op) {
      case CFA.def_cfa:
        now.canonicalFrame = { register: cursor.uleb(), offset: cursor.uleb64() };
        return true;
      case CFA.def_cfa_sf:
        now.canonicalFrame = { register: cursor.uleb(), offset: cursor.sleb64() * this.common.dataAlignment };
        return true;
      case CFA.def_cfa_register:
        now.canonicalFrame = { ...this.registerFrame(cursor), register: cursor.uleb() };
        return true;
      case CFA.def_cfa_offset:
        now.canonicalFrame = { ...this.registerFrame(cursor), offset: cursor.uleb64() };
        return true;
      case CFA.def_cfa_offset_sf:
        now.canonicalFrame = { ...this.registerFrame(cursor), offset: cursor.sleb64() * this.common.dataAlignment };
        return true;
      case CFA.def_cfa_expression:
        now.canonicalFrame = { expression: this.expression(cursor) };
        return true;
      default:
        return false;
    }
  }

  private register(op: number, cursor: Cursor): void {
    const { dataAlignment } = this.common;
    const register = cursor.uleb();
    switch (op) {
      case CFA.undefined:
        this.set(register, { kind: "undefined" }, cursor);
        return;
      case CFA.same_value:
        this.set(register, { kind: "same" }, cursor);
        return;
      case CFA.register:
        this.set(register, { kind: "register", register: cursor.uleb() }, cursor);
        return;
      case CFA.restore_extended:
        this.restore(register, cursor);
        return;
      case CFA.offset_extended:
        this.saved(register, cursor.uleb64(), cursor);
        return;
      case CFA.offset_extended_sf:
        this.saved(register, cursor.sleb64(), cursor);
        return;
      case CFA.GNU_negative_offset_extended:
        this.saved(register, -cursor.uleb64(), cursor);
        return;
      case CFA.val_offset:
        this.set(register, { kind: "valueOffset", offset: cursor.uleb64() * dataAlignment }, cursor);
        return;
      case CFA.val_offset_sf:
        this.set(register, { kind: "valueOffset", offset: cursor.sleb64() * dataAlignment }, cursor);
        return;
      case CFA.expression:
        this.set(register, { kind: "expression", expression: this.expression(cursor) }, cursor);
        return;
      case CFA.val_expression:
        this.set(register, { kind: "valueExpression", expression: this.expression(cursor) }, cursor);
        return;
      default:
        throw cursor.error("DAMAGED", `there is no call frame instruction ${String(op)}`);
    }
  }

  private advance(delta: bigint): void {
    this.location += delta * BigInt(this.common.codeAlignment);
  }

  private saved(register: number, factored: bigint, cursor: Cursor): void {
    this.set(register, { kind: "offset", offset: factored * this.common.dataAlignment }, cursor);
  }

  private restore(register: number, cursor: Cursor): void {
    const before = this.initial.get(register);
    if (before === undefined) this.now.registers.delete(register);
    else this.set(register, before, cursor);
  }

  private set(register: number, rule: RegisterRule, cursor: Cursor): void {
    if (register >= MAX_REGISTER) throw cursor.error("TOO_LARGE", `there is no register ${String(register)}`);
    this.now.registers.set(register, rule);
  }

  private registerFrame(cursor: Cursor): { readonly register: number; readonly offset: bigint } {
    const { canonicalFrame } = this.now;
    if ("expression" in canonicalFrame) {
      throw cursor.error("DAMAGED", "a frame changes a register rule that it does not have");
    }
    return canonicalFrame;
  }

  private expression(cursor: Cursor): Expression {
    const bytes = cursor.uleb();
    const { offset } = cursor;
    return { bytes: cursor.block(bytes), offset, section: this.frames.section };
  }
}
