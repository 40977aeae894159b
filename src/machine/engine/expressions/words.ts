/** Expressions of 32 bits: addresses in the engine's memory, page numbers, flags. `CompiledValues` are the guest's. */
import type { Assembler, Label } from "../../wasm/assembler.js";
import type { LoadOpcode, Opcode, StoreOpcode } from "../../wasm/opcodes.js";
import { localVariable, type LocalVariable } from "./local-variable.js";
import { CONTROL, type ControlField } from "../layout.js";

/** Code that leaves an i32. */
export type Word = () => void;

/** Code that leaves an i64: a value of the guest. */
type Wide = () => void;

export class Words {
  constructor(readonly asm: Assembler) {}

  add(a: Word, b: Word): Word {
    return this.binary("i32.add", a, b);
  }

  sub(a: Word, b: Word): Word {
    return this.binary("i32.sub", a, b);
  }

  mul(a: Word, b: Word): Word {
    return this.binary("i32.mul", a, b);
  }

  and(a: Word, b: Word): Word {
    return this.binary("i32.and", a, b);
  }

  or(a: Word, b: Word): Word {
    return this.binary("i32.or", a, b);
  }

  xor(a: Word, b: Word): Word {
    return this.binary("i32.xor", a, b);
  }

  shl(a: Word, b: Word): Word {
    return this.binary("i32.shl", a, b);
  }

  shrU(a: Word, b: Word): Word {
    return this.binary("i32.shr_u", a, b);
  }

  shrS(a: Word, b: Word): Word {
    return this.binary("i32.shr_s", a, b);
  }

  divU(a: Word, b: Word): Word {
    return this.binary("i32.div_u", a, b);
  }

  eq(a: Word, b: Word): Word {
    return this.binary("i32.eq", a, b);
  }

  ne(a: Word, b: Word): Word {
    return this.binary("i32.ne", a, b);
  }

  ltS(a: Word, b: Word): Word {
    return this.binary("i32.lt_s", a, b);
  }

  ltU(a: Word, b: Word): Word {
    return this.binary("i32.lt_u", a, b);
  }

  leU(a: Word, b: Word): Word {
    return this.binary("i32.le_u", a, b);
  }

  gtU(a: Word, b: Word): Word {
    return this.binary("i32.gt_u", a, b);
  }

  geS(a: Word, b: Word): Word {
    return this.binary("i32.ge_s", a, b);
  }

  geU(a: Word, b: Word): Word {
    return this.binary("i32.ge_u", a, b);
  }

  not(a: Word): Word {
    return this.unary("i32.eqz", a);
  }

  /** The low half of a wide value. */
  low(wide: Wide): Word {
    return this.unary("i32.wrap_i64", wide);
  }

  zeroExtend(a: Word): Wide {
    return this.unary("i64.extend_i32_u", a);
  }

  signExtend(a: Word): Wide {
    return this.unary("i64.extend_i32_s", a);
  }

  i32(value: number): Word {
    return () => {
      this.asm.i32(value);
    };
  }

  i64(value: bigint): Wide {
    return () => {
      this.asm.i64(value);
    };
  }

  variable(): LocalVariable {
    return localVariable(this.asm, this.asm.local("i32"));
  }

  /** A parameter of the function, of any type. */
  parameter(index: number): LocalVariable {
    return localVariable(this.asm, this.asm.parameter(index));
  }

  select(condition: Word, then: Word, otherwise: Word): Word {
    return () => {
      then();
      otherwise();
      condition();
      this.asm.op("select");
    };
  }

  /** The offset of an entry in a table of 32-bit words. */
  index(entry: Word): Word {
    return this.shl(entry, this.i32(2));
  }

  /** The low half of a control variable. */
  control(name: ControlField): Word {
    return this.load("i32.load", this.i32(0), CONTROL[name]);
  }

  setControl(name: ControlField, value: Word): void {
    this.store("i32.store", this.i32(0), CONTROL[name], value);
  }

  /** `base` is a table's address, or an offset in bytes. An `i64.load` leaves a wide value. */
  load(opcode: LoadOpcode, index: Word, base = 0): Word {
    return () => {
      index();
      this.asm.memory(opcode, base);
    };
  }

  store(opcode: StoreOpcode, index: Word, base: number, value: Word): void {
    index();
    value();
    this.asm.memory(opcode, base);
  }

  fill(address: Word, byte: number, bytes: number): void {
    address();
    this.asm.i32(byte);
    this.asm.i32(bytes);
    this.asm.fill();
  }

  when(condition: Word, then: () => void, otherwise?: () => void): void {
    condition();
    this.asm.if(then, otherwise);
  }

  /** One of two words, of which only that one is computed. */
  choose(condition: Word, then: Word, otherwise: Word): Word {
    return () => {
      condition();
      this.asm.if(then, otherwise, "i32");
    };
  }

  /** Runs `body` once. A branch to its label ends it. */
  block(body: (end: Label) => void): void {
    this.asm.block(body);
  }

  /** Goes to a label if the condition is not 0. */
  branchIf(condition: Word, label: Label): void {
    condition();
    this.asm.brIf(label);
  }

  return(result?: Word): void {
    result?.();
    this.asm.op("return");
  }

  /** Calls a function. What it returns stays on the stack. */
  call(functionIndex: number, ...inputs: readonly (Word | Wide)[]): void {
    for (const input of inputs) input();
    this.asm.call(functionIndex);
  }

  /** What a call returns. */
  result(functionIndex: number, ...inputs: readonly (Word | Wide)[]): Word {
    return () => {
      this.call(functionIndex, ...inputs);
    };
  }

  /** What a call through the table returns: of its entry `index`, which is evaluated last. */
  resultIndirect(typeIndex: number, index: Word, ...inputs: readonly (Word | Wide)[]): Word {
    return () => {
      for (const input of inputs) input();
      index();
      this.asm.callIndirect(typeIndex);
    };
  }

  /** Ends the function with a call of another with the same results. */
  returnCall(functionIndex: number, ...inputs: readonly (Word | Wide)[]): void {
    for (const input of inputs) input();
    this.asm.returnCall(functionIndex);
  }

  /** The same through the table. */
  returnCallIndirect(typeIndex: number, index: Word, ...inputs: readonly (Word | Wide)[]): void {
    for (const input of inputs) input();
    index();
    this.asm.returnCallIndirect(typeIndex);
  }

  /** Evaluates it for its effects. */
  drop(value: Word): void {
    value();
    this.asm.op("drop");
  }

  /** Repeats `body` while the condition that it returns is not 0. */
  repeat(body: () => Word): void {
    this.asm.loop((again) => {
      body()();
      this.asm.brIf(again);
    });
  }

  private unary(opcode: Opcode, a: () => void): () => void {
    return () => {
      a();
      this.asm.op(opcode);
    };
  }

  private binary(opcode: Opcode, a: Word, b: Word): Word {
    return () => {
      a();
      b();
      this.asm.op(opcode);
    };
  }
}
