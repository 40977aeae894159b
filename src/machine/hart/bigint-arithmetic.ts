/** Implements the vocabulary's arithmetic and control on plain values: a bigint from 0 to 2^64 - 1, a boolean. */
import type { Ops, Variable } from "./ops.js";

const BITS = 64;
const SHIFT_MASK = 63n;

const unsigned = (value: bigint): bigint => BigInt.asUintN(BITS, value);
const signed = (value: bigint): bigint => BigInt.asIntN(BITS, value);

type Arithmetic = Pick<
  Ops<bigint, boolean, number>,
  | ("i64" | "add" | "sub" | "mul" | "divS" | "divU" | "remS" | "remU")
  | ("and" | "or" | "xor" | "shl" | "shrU" | "shrS" | "signExtend" | "zeroExtend")
  | ("eq" | "ne" | "ltS" | "ltU" | "geS" | "geU" | "both" | "either" | "not" | "bit" | "select")
  | ("bind" | "when" | "variable" | "loop" | "choose")
>;

export class BigintArithmetic implements Arithmetic {
  i64(value: bigint): bigint {
    return unsigned(value);
  }

  add(a: bigint, b: bigint): bigint {
    return unsigned(a + b);
  }

  sub(a: bigint, b: bigint): bigint {
    return unsigned(a - b);
  }

  mul(a: bigint, b: bigint): bigint {
    return unsigned(a * b);
  }

  divS(a: bigint, b: bigint): bigint {
    return unsigned(signed(a) / signed(b));
  }

  divU(a: bigint, b: bigint): bigint {
    return a / b;
  }

  remS(a: bigint, b: bigint): bigint {
    return unsigned(signed(a) % signed(b));
  }

  remU(a: bigint, b: bigint): bigint {
    return a % b;
  }

  and(a: bigint, b: bigint): bigint {
    return a & b;
  }

  or(a: bigint, b: bigint): bigint {
    return a | b;
  }

  xor(a: bigint, b: bigint): bigint {
    return a ^ b;
  }

  shl(a: bigint, amount: bigint): bigint {
    return unsigned(a << (amount & SHIFT_MASK));
  }

  shrU(a: bigint, amount: bigint): bigint {
    return a >> (amount & SHIFT_MASK);
  }

  shrS(a: bigint, amount: bigint): bigint {
    return unsigned(signed(a) >> (amount & SHIFT_MASK));
  }

  signExtend(a: bigint, bits: 8 | 16 | 32): bigint {
    return unsigned(BigInt.asIntN(bits, a));
  }

  zeroExtend(a: bigint, bits: 8 | 16 | 32): bigint {
    return BigInt.asUintN(bits, a);
  }

  eq(a: bigint, b: bigint): boolean {
    return a === b;
  }

  ne(a: bigint, b: bigint): boolean {
    return a !== b;
  }

  ltS(a: bigint, b: bigint): boolean {
    return signed(a) < signed(b);
  }

  ltU(a: bigint, b: bigint): boolean {
    return a < b;
  }

  geS(a: bigint, b: bigint): boolean {
    return signed(a) >= signed(b);
  }

  geU(a: bigint, b: bigint): boolean {
    return a >= b;
  }

  both(a: boolean, b: boolean): boolean {
    return a && b;
  }

  either(a: boolean, b: boolean): boolean {
    return a || b;
  }

  not(a: boolean): boolean {
    return !a;
  }

  bit(condition: boolean): bigint {
    return condition ? 1n : 0n;
  }

  select(condition: boolean, then: bigint, otherwise: bigint): bigint {
    return condition ? then : otherwise;
  }

  bind(value: bigint): bigint {
    return value;
  }

  when(condition: boolean, then: () => void, otherwise?: () => void): void {
    if (condition) then();
    else otherwise?.();
  }

  variable(initial: bigint): Variable<bigint> {
    let current = initial;
    return {
      get: () => current,
      set: (value) => {
        current = value;
      },
    };
  }

  loop(condition: () => boolean, body: () => void): void {
    while (condition()) body();
  }

  choose(selector: bigint, cases: readonly (readonly [number, () => bigint])[], otherwise: () => bigint): bigint {
    const found = cases.find(([number]) => BigInt(number) === selector);
    return found === undefined ? otherwise() : found[1]();
  }
}
