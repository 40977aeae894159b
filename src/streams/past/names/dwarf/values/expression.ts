/** Evaluates DWARF expressions: where a value is, or what it is (DWARF 5, sections 2.5 and 2.6). */
import { integerOf } from "../../../../../machine/little-endian.js";
import type { FrameReader, Location } from "../../name-source.js";
import type { Cursor, Readable } from "../file/cursor.js";
import { cursorOver } from "../file/cursor.js";
import { AT, ENCODING } from "../entries/constants.js";
import type { Entry, Unit } from "../entries/unit.js";
import { OP } from "./operations.js";
import { Pieces } from "./pieces.js";
import { binary, converted, generic, numberOf, typed, unary, type TypedValue, type ValueType } from "./typed-value.js";

/** Expressions have loops; those of compilers have some operations. */
export const MAX_OPERATIONS = 10_000;
export const MAX_STACK = 1024;
/** Of expressions that call others, or evaluate one at a function's entry. */
export const MAX_CALLS = 16;

/** Bytes of a section. */
export interface Expression {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly section: Pick<Readable, "error">;
}

/** What an expression is evaluated in. */
export interface Context {
  /** Whose addresses and types it means; undefined: of call frame information. */
  readonly unit: Unit | undefined;
  readonly frame: FrameReader;
  /** What the program was moved by from where it was linked. */
  readonly movedBy: bigint;
  /** Of the function that it is in. */
  frameBase(): bigint | undefined;
  /** What a register had when the function of the frame was entered. */
  entryValue(expression: Expression): bigint | undefined;
  /** Of the calls that led here. */
  readonly depth: number;
}

/** Undefined: it is nowhere, or that is not known in this frame. @throws {DwarfError} */
export function locationOf(expression: Expression, context: Context): Location | undefined {
  // As compilers say that something was optimized away.
  if (expression.bytes.length === 0) return undefined;
  return new Evaluation(expression, context, []).location();
}

/** The number that is left on the stack, with `initial` on it at the start. @throws {DwarfError} */
export const valueOf = (
  expression: Expression,
  context: Context,
  initial: readonly bigint[] = [],
): bigint | undefined => new Evaluation(expression, context, initial).value();

/** A simple location, as the operations before a piece make it. `top`: the top of the stack says where in memory. */
type Simple = "top" | "value" | Location | "nowhere";

class Evaluation {
  private readonly cursor: Cursor;
  private readonly stack: TypedValue[];
  private readonly pieces = new Pieces();
  private simple: Simple = "top";
  private isKnown = true;

  constructor(
    private readonly expression: Expression,
    private readonly context: Context,
    initial: readonly bigint[],
  ) {
    this.cursor = cursorOver(expression.bytes, expression.offset, expression.section);
    this.stack = initial.map(generic);
  }

  location(): Location | undefined {
    if (!this.run()) return undefined;
    return this.pieces.isEmpty ? this.taken() : this.pieces.location();
  }

  value(): bigint | undefined {
    if (!this.run()) return undefined;
    const { simple } = this;
    if (typeof simple === "string") return this.stack.at(-1)?.bits;
    if (simple.kind === "value") return simple.value;
    return simple.kind === "register" ? this.context.frame.register(simple.register) : undefined;
  }

  /** False: something that it needs is not known. */
  private run(): boolean {
    if (this.context.depth > MAX_CALLS) throw this.cursor.error("TOO_LARGE", "an expression calls itself");
    for (let operations = 0; !this.cursor.isAtEnd && this.isKnown; operations++) {
      if (operations === MAX_OPERATIONS) throw this.cursor.error("TOO_LARGE", "an expression does not end");
      if (this.stack.length > MAX_STACK) throw this.cursor.error("TOO_LARGE", "an expression's stack is too deep");
      this.step(this.cursor.u8());
    }
    return this.isKnown;
  }

  private step(op: number): void {
    if (op >= OP.lit0 && op <= OP.lit31) this.push(BigInt(op - OP.lit0));
    else if (op >= OP.reg0 && op <= OP.reg31) this.simple = { kind: "register", register: op - OP.reg0 };
    else if (op >= OP.breg0 && op <= OP.breg31) this.pushRegister(op - OP.breg0, this.cursor.sleb64());
    else if (!this.constant(op) && !this.order(op) && !this.typedOperation(op) && !this.place(op) && !this.flow(op)) {
      this.compute(op);
    }
  }

  private constant(op: number): boolean {
    const { cursor, context } = this;
    switch (op) {
      case OP.addr:
        this.push(cursor.unsigned(context.unit?.header.addressBytes ?? 8) + context.movedBy);
        return true;
      case OP.const1u:
      case OP.const2u:
      case OP.const4u:
      case OP.const8u:
        this.push(cursor.unsigned(1 << ((op - OP.const1u) >> 1)));
        return true;
      case OP.const1s:
      case OP.const2s:
      case OP.const4s:
      case OP.const8s:
        this.push(cursor.signed(1 << ((op - OP.const1u) >> 1)));
        return true;
      case OP.constu:
        this.push(cursor.uleb64());
        return true;
      case OP.consts:
        this.push(cursor.sleb64());
        return true;
      case OP.addrx:
      case OP.GNU_addr_index:
        this.push((context.unit?.addressOf(cursor.uleb()) ?? 0n) + context.movedBy);
        return true;
      case OP.constx:
      case OP.GNU_const_index:
        this.push(context.unit?.addressOf(cursor.uleb()));
        return true;
      default:
        return false;
    }
  }

  /** What only moves values on the stack. */
  private order(op: number): boolean {
    const { stack, cursor } = this;
    switch (op) {
      case OP.dup:
        this.pick(0);
        return true;
      case OP.over:
        this.pick(1);
        return true;
      case OP.pick:
        this.pick(cursor.u8());
        return true;
      case OP.drop:
        this.pop();
        return true;
      case OP.swap:
        stack.push(this.pop(), this.pop());
        return true;
      case OP.rot: {
        const [top, second, third] = [this.pop(), this.pop(), this.pop()];
        stack.push(top, third, second);
        return true;
      }
      default:
        return false;
    }
  }

  private typedOperation(op: number): boolean {
    const { cursor } = this;
    switch (op) {
      case OP.const_type:
      case OP.GNU_const_type: {
        const type = this.typeAt(cursor.uleb());
        this.pushTyped(integerOf(cursor.block(cursor.u8())), type);
        return true;
      }
      case OP.regval_type:
      case OP.GNU_regval_type: {
        const register = this.context.frame.register(cursor.uleb());
        this.pushTyped(register, this.typeAt(cursor.uleb()));
        return true;
      }
      case OP.deref_type:
      case OP.GNU_deref_type: {
        const bytes = cursor.u8();
        const type = this.typeAt(cursor.uleb());
        this.pushTyped(this.read(this.pop().bits, bytes), type);
        return true;
      }
      case OP.convert:
      case OP.GNU_convert: {
        const type = this.typeAt(cursor.uleb());
        const value = this.pop();
        this.keep(type && converted(value, type));
        return true;
      }
      case OP.reinterpret:
      case OP.GNU_reinterpret:
        this.pushTyped(this.pop().bits, this.typeAt(cursor.uleb()));
        return true;
      default:
        return false;
    }
  }

  /** What says where a value is, or reads what is there. */
  private place(op: number): boolean {
    const { cursor, context } = this;
    switch (op) {
      case OP.regx:
        this.simple = { kind: "register", register: cursor.uleb() };
        return true;
      case OP.bregx:
        this.pushRegister(cursor.uleb(), cursor.sleb64());
        return true;
      case OP.fbreg: {
        const base = context.frameBase();
        const offset = cursor.sleb64();
        this.push(base === undefined ? undefined : base + offset);
        return true;
      }
      case OP.call_frame_cfa:
        this.push(context.frame.canonicalFrameAddress());
        return true;
      case OP.deref:
        this.push(this.read(this.pop().bits, context.unit?.header.addressBytes ?? 8));
        return true;
      case OP.deref_size:
        this.push(this.read(this.pop().bits, cursor.u8()));
        return true;
      case OP.stack_value:
        this.simple = "value";
        return true;
      case OP.implicit_value:
        this.simple = { kind: "value", value: integerOf(cursor.block(cursor.uleb())) };
        return true;
      case OP.implicit_pointer:
      case OP.GNU_implicit_pointer:
        // The pointer was optimized away; only what it pointed to is somewhere.
        cursor.skip(context.unit?.header.offsetBytes ?? 4);
        cursor.skipLeb();
        this.simple = "nowhere";
        return true;
      case OP.piece:
        this.endPiece(cursor.uleb() * 8, 0);
        return true;
      case OP.bit_piece:
        this.endPiece(cursor.uleb(), cursor.uleb());
        return true;
      default:
        return false;
    }
  }

  private flow(op: number): boolean {
    const { cursor, context } = this;
    switch (op) {
      case OP.skip:
        cursor.goTo(Number(cursor.signed(2)) + cursor.offset);
        return true;
      case OP.bra: {
        const by = Number(cursor.signed(2));
        if (this.pop().bits !== 0n) cursor.goTo(cursor.offset + by);
        return true;
      }
      case OP.call2:
        this.call(this.entryAt(cursor.u16()));
        return true;
      case OP.call4:
        this.call(this.entryAt(cursor.u32()));
        return true;
      case OP.call_ref:
        this.call(context.unit?.surroundings.entryAt(cursor.sectionOffset(context.unit.header.offsetBytes)));
        return true;
      case OP.entry_value:
      case OP.GNU_entry_value: {
        const bytes = cursor.uleb();
        const { offset } = cursor;
        this.push(context.entryValue({ bytes: cursor.block(bytes), offset, section: this.expression.section }));
        return true;
      }
      case OP.nop:
      case OP.GNU_uninit:
        return true;
      default:
        return false;
    }
  }

  private compute(op: number): void {
    if (op === OP.plus_uconst) {
      const { bits, type } = this.pop();
      this.pushTyped(bits + this.cursor.uleb64(), type);
      return;
    }
    if (op === OP.abs || op === OP.neg || op === OP.not) {
      this.keep(unary(op, this.pop()));
      return;
    }
    // What is not known here (of threads, of other makers) has no meaning: nor has what follows.
    const isBinary = (op >= OP.and && op <= OP.xor) || (op >= OP.eq && op <= OP.ne);
    const top = isBinary ? this.pop() : undefined;
    this.keep(top && binary(op, this.pop(), top));
  }

  /** The expression of another entry, on the same stack. */
  private call(entry: Entry | undefined): void {
    const location = entry?.attribute(AT.location);
    if (entry === undefined || location?.kind !== "block") return;
    const { bytes, offset } = location;
    const expression = { bytes, offset, section: entry.unit.header.section };
    const called = new Evaluation(expression, { ...this.context, depth: this.context.depth + 1 }, []);
    called.stack.push(...this.stack);
    this.isKnown = called.run();
    this.stack.splice(0, this.stack.length, ...called.stack);
  }

  private entryAt(offset: number): Entry | undefined {
    const { unit } = this.context;
    return unit?.entry(unit.header.offset + offset);
  }

  /** The type of an offset in the unit; 0 is no type of its own. */
  private typeAt(offset: number): ValueType | undefined {
    if (offset === 0) return generic(0n).type;
    const entry = this.entryAt(offset);
    const bytes = entry?.number(AT.byte_size);
    if (entry === undefined || bytes === undefined || bytes > 16) return undefined;
    const encoding = entry.number(AT.encoding);
    const isSigned = encoding === ENCODING.signed || encoding === ENCODING.signed_char;
    return { bits: bytes * 8, isSigned, isFloat: encoding === ENCODING.float };
  }

  private endPiece(bits: number, offsetBits: number): void {
    const at = this.simple === "top" && this.stack.length === 0 ? undefined : this.taken();
    this.pieces.add(bits, offsetBits, at, () => this.cursor.error("TOO_LARGE", "a value has too many pieces"));
    this.simple = "top";
  }

  /** Where the operations so far say that it is. */
  private taken(): Location | undefined {
    const { simple } = this;
    if (simple === "nowhere") return undefined;
    if (simple === "top") return { kind: "memory", address: this.pop().bits };
    return simple === "value" ? { kind: "value", value: numberOf(this.pop()) } : simple;
  }

  private pushRegister(register: number, offset: bigint): void {
    const value = this.context.frame.register(register);
    this.push(value === undefined ? undefined : value + offset);
  }

  private read(address: bigint, bytes: number): bigint | undefined {
    if (bytes > 16) return undefined;
    const read = this.context.frame.read(address, bytes);
    return read && integerOf(read);
  }

  private push(value: bigint | undefined): void {
    this.keep(value === undefined ? undefined : generic(value));
  }

  private pushTyped(value: bigint | undefined, type: ValueType | undefined): void {
    this.keep(value === undefined || type === undefined ? undefined : typed(value, type));
  }

  private keep(value: TypedValue | undefined): void {
    if (value === undefined) this.isKnown = false;
    else this.stack.push(value);
  }

  private pick(depth: number): void {
    const value = this.stack.at(-1 - depth);
    if (value === undefined) throw this.cursor.error("DAMAGED", "an expression's stack is empty");
    this.stack.push(value);
  }

  private pop(): TypedValue {
    const value = this.stack.pop();
    if (value === undefined) throw this.cursor.error("DAMAGED", "an expression's stack is empty");
    return value;
  }
}
