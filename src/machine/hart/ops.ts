/**
 * The vocabulary in which every instruction is written once. An engine implements it: `Ops<bigint, boolean, number>`
 * evaluates the meaning, `Ops<Code, Code, Code>` compiles it. This is what the instructions of programs need. CSRs,
 * traps and page walks need more: see system-ops.ts.
 *
 * Values are 64 bits wide. A condition is true or false. An implementation may evaluate a value at its use instead of
 * its definition, so `bind` what must be read before a state change.
 */
import type { HartField } from "./fields.js";
import type { FloatOperation } from "../float/operations.js";

export type Width = 1 | 2 | 4 | 8;
export type AccessKind = "load" | "store" | "fetch";

export interface Ops<V, C, R> {
  i64(value: bigint): V;
  add(a: V, b: V): V;
  sub(a: V, b: V): V;
  mul(a: V, b: V): V;
  /** Undefined for a zero divisor and for overflow. Guard it with `select`. */
  divS(a: V, b: V): V;
  divU(a: V, b: V): V;
  remS(a: V, b: V): V;
  remU(a: V, b: V): V;
  and(a: V, b: V): V;
  or(a: V, b: V): V;
  xor(a: V, b: V): V;
  /** Shift amounts count modulo 64. */
  shl(a: V, amount: V): V;
  shrU(a: V, amount: V): V;
  shrS(a: V, amount: V): V;
  signExtend(a: V, bits: 8 | 16 | 32): V;
  zeroExtend(a: V, bits: 8 | 16 | 32): V;
  eq(a: V, b: V): C;
  ne(a: V, b: V): C;
  ltS(a: V, b: V): C;
  ltU(a: V, b: V): C;
  geS(a: V, b: V): C;
  geU(a: V, b: V): C;
  both(a: C, b: C): C;
  either(a: C, b: C): C;
  not(a: C): C;
  /** 1 or 0. */
  bit(condition: C): V;
  /** Both sides are evaluated. */
  select(condition: C, then: V, otherwise: V): V;

  /** Evaluates once, here. */
  bind(value: V): V;
  when(condition: C, then: () => void, otherwise?: () => void): void;
  variable(initial: V): Variable<V>;
  loop(condition: () => C, body: () => void): void;
  /** The value of the case with the selector's number. */
  choose(selector: V, cases: readonly (readonly [number, () => V])[], otherwise: () => V): V;

  x(register: R): V;
  setX(register: R, value: V): void;
  f(register: R): V;
  setF(register: R, value: V): void;
  field(name: HartField): V;
  setField(name: HartField, value: V): void;

  /** Through the MMU; may trap. Loads are zero-extended. */
  load(width: Width, address: V): V;
  store(width: Width, address: V, value: V): void;
  /** Like `load`, but traps as a store does: the read half of an AMO. */
  loadForStore(width: Width, address: V): V;

  /** Floating point is on, or the instruction is illegal. */
  requireFloat(): void;
  /** A floating-point register or CSR was written. */
  floatWritten(): void;
  /** Resolves an instruction's rm field to one of the five modes. Reserved ones are illegal. */
  roundingMode(rm: V): V;
  /** Exact IEEE 754 arithmetic. Accrues into fflags. */
  float(operation: FloatOperation, rm: V, ...inputs: readonly V[]): V;

  pc(): V;
  /** The address after this instruction. */
  nextPc(): V;
  jumpTo(target: V): void;
  jumpBy(displacement: V): void;
  branchBy(condition: C, displacement: V): void;
  /** Ends the instruction before anything of it retires. `trapValue` goes to xtval. */
  trap(cause: V, trapValue: V): void;
  /** An illegal-instruction trap with the instruction's bits. */
  illegal(): void;
  /** The hart waits for another one: its turn ends if another hart can run. */
  pause(): void;
}

export interface Variable<V> {
  get(): V;
  set(value: V): void;
}
