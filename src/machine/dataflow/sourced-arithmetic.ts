/**
 * The vocabulary's arithmetic on values with their origins. A byte of a result has the origins of the bytes that can
 * change it: a mask, a shift by a constant and a move keep bytes apart, a carry mixes them.
 */
import { BigintArithmetic } from "../hart/bigint-arithmetic.js";
import type { Ops, Variable } from "../hart/ops.js";
import { NONE, union, type Origins } from "./origins.js";
import {
  byteOf,
  constant,
  decidedBy,
  decidersOf,
  everyByte,
  isConstant,
  originsOf,
  VALUE_BYTES,
  type Sourced,
  type SourcedCondition,
} from "./sourced.js";

type Value = Sourced;
type Condition = SourcedCondition;

type Arithmetic = Pick<
  Ops<Value, Condition, number>,
  | ("i64" | "add" | "sub" | "mul" | "divS" | "divU" | "remS" | "remU")
  | ("and" | "or" | "xor" | "shl" | "shrU" | "shrS" | "signExtend" | "zeroExtend")
  | ("eq" | "ne" | "ltS" | "ltU" | "geS" | "geU" | "both" | "either" | "not" | "bit" | "select")
  | ("bind" | "when" | "variable" | "loop" | "choose")
>;

const plain = new BigintArithmetic();
const ALWAYS: Condition = { value: true, origins: NONE, addresses: NONE, conditions: NONE };

export class SourcedArithmetic implements Arithmetic {
  /** Of the `when`s that are under way: what is done within them depends on it. */
  private under = ALWAYS;

  i64(value: bigint): Value {
    return constant(value);
  }

  add(a: Value, b: Value): Value {
    return zeroIn(b) ? a : zeroIn(a) ? b : carried(plain.add(a.value, b.value), a, b);
  }

  sub(a: Value, b: Value): Value {
    return zeroIn(b) ? a : carried(plain.sub(a.value, b.value), a, b);
  }

  mul(a: Value, b: Value): Value {
    const value = plain.mul(a.value, b.value);
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      if (isConstant(one) && one.value === 0n) return constant(0n);
      if (isConstant(one) && isPowerOf2(one.value)) return shifted(value, other, log2(one.value), NONE);
    }
    return carried(value, a, b);
  }

  divS(a: Value, b: Value): Value {
    return mixed(plain.divS(a.value, b.value), a, b);
  }

  divU(a: Value, b: Value): Value {
    return mixed(plain.divU(a.value, b.value), a, b);
  }

  remS(a: Value, b: Value): Value {
    return mixed(plain.remS(a.value, b.value), a, b);
  }

  remU(a: Value, b: Value): Value {
    return mixed(plain.remU(a.value, b.value), a, b);
  }

  and(a: Value, b: Value): Value {
    return bytewise(plain.and(a.value, b.value), a, b, 0x00);
  }

  or(a: Value, b: Value): Value {
    return bytewise(plain.or(a.value, b.value), a, b, 0xff);
  }

  xor(a: Value, b: Value): Value {
    return bytewise(plain.xor(a.value, b.value), a, b);
  }

  shl(a: Value, amount: Value): Value {
    return shiftedBy(plain.shl(a.value, amount.value), a, amount, 1);
  }

  shrU(a: Value, amount: Value): Value {
    return shiftedBy(plain.shrU(a.value, amount.value), a, amount, -1);
  }

  shrS(a: Value, amount: Value): Value {
    return shiftedBy(plain.shrS(a.value, amount.value), a, amount, -1, a.bytes[VALUE_BYTES - 1]);
  }

  signExtend(a: Value, bits: 8 | 16 | 32): Value {
    return extended(plain.signExtend(a.value, bits), a, bits, a.bytes[bits / 8 - 1]);
  }

  zeroExtend(a: Value, bits: 8 | 16 | 32): Value {
    return extended(plain.zeroExtend(a.value, bits), a, bits);
  }

  eq(a: Value, b: Value): Condition {
    return compared(plain.eq(a.value, b.value), a, b);
  }

  ne(a: Value, b: Value): Condition {
    return compared(plain.ne(a.value, b.value), a, b);
  }

  ltS(a: Value, b: Value): Condition {
    return compared(plain.ltS(a.value, b.value), a, b);
  }

  ltU(a: Value, b: Value): Condition {
    return compared(plain.ltU(a.value, b.value), a, b);
  }

  geS(a: Value, b: Value): Condition {
    return compared(plain.geS(a.value, b.value), a, b);
  }

  geU(a: Value, b: Value): Condition {
    return compared(plain.geU(a.value, b.value), a, b);
  }

  both(a: Condition, b: Condition): Condition {
    return joined(a.value && b.value, a, b);
  }

  either(a: Condition, b: Condition): Condition {
    return joined(a.value || b.value, a, b);
  }

  not(a: Condition): Condition {
    return { ...a, value: !a.value };
  }

  bit({ value, origins, addresses, conditions }: Condition): Value {
    const bytes = everyByte(NONE).with(0, origins);
    return { value: plain.bit(value), bytes, addresses, conditions };
  }

  select(condition: Condition, then: Value, otherwise: Value): Value {
    return decidedBy(condition.value ? then : otherwise, condition);
  }

  bind(value: Value): Value {
    return value;
  }

  when(condition: Condition, then: () => void, otherwise?: () => void): void {
    const outer = this.under;
    this.under = joined(true, outer, condition);
    try {
      if (condition.value) then();
      else otherwise?.();
    } finally {
      this.under = outer;
    }
  }

  variable(initial: Value): Variable<Value> {
    let current = initial;
    return {
      get: () => current,
      set: (value) => {
        current = this.here(value);
      },
    };
  }

  loop(condition: () => Condition, body: () => void): void {
    while (condition().value) body();
  }

  choose(selector: Value, cases: readonly (readonly [number, () => Value])[], otherwise: () => Value): Value {
    const found = cases.find(([number]) => BigInt(number) === selector.value);
    return decidedBy(found === undefined ? otherwise() : found[1](), compared(true, selector));
  }

  /** A value that is kept: what decided that it is kept decided it too. */
  protected here(value: Value): Value {
    return decidedBy(value, this.under);
  }

  /** For a deed that was left in the middle of a `when`. */
  protected startAnew(): void {
    this.under = ALWAYS;
  }
}

const zeroIn = (a: Value): boolean => a.value === 0n && isConstant(a);

const isPowerOf2 = (value: bigint): boolean => value !== 0n && (value & (value - 1n)) === 0n;
const log2 = (value: bigint): number => value.toString(2).length - 1;

/** A carry goes up: a byte depends on all below it. Below a constant's lowest 1 there is none. */
function carried(value: bigint, a: Value, b: Value): Value {
  const addend = isConstant(b) ? b : isConstant(a) ? a : undefined;
  const lowest = addend === undefined ? 0 : Math.floor(log2(addend.value & -addend.value) / 8);
  let below = NONE;
  const bytes = Array.from({ length: VALUE_BYTES }, (_, byte) => {
    const own = union(a.bytes[byte] ?? NONE, b.bytes[byte] ?? NONE);
    if (byte < lowest) return own;
    return (below = union(below, own));
  });
  return { value, bytes, ...decidersOf(a, b) };
}

const mixed = (value: bigint, ...from: readonly Value[]): Value => ({
  value,
  bytes: everyByte(union(...from.map(originsOf))),
  ...decidersOf(...from),
});

/** A result of an operation that is too wide to be followed byte by byte. */
export const mixedOf = mixed;

/** `absorbing`: the byte that makes a result whatever the other is. */
function bytewise(value: bigint, a: Value, b: Value, absorbing?: number): Value {
  const absorbs = (one: Value, byte: number): boolean =>
    one.bytes[byte]?.size === 0 && byteOf(one.value, byte) === absorbing;
  const bytes = Array.from({ length: VALUE_BYTES }, (_, byte) =>
    absorbs(a, byte) || absorbs(b, byte) ? NONE : union(a.bytes[byte] ?? NONE, b.bytes[byte] ?? NONE),
  );
  return { value, bytes, ...decidersOf(a, b) };
}

/** `bits`: to the left; negative: to the right, with `filling` coming in. */
function shifted(value: bigint, a: Value, bits: number, amount: Origins, filling: Origins = NONE): Value {
  const bytes = Array.from({ length: VALUE_BYTES }, (_, byte) => {
    const lowBit = 8 * byte - bits;
    const from = [Math.floor(lowBit / 8), Math.floor((lowBit + 7) / 8)];
    return union(amount, ...from.map((index) => (index >= VALUE_BYTES ? filling : (a.bytes[index] ?? NONE))));
  });
  return { value, bytes, ...decidersOf(a) };
}

function shiftedBy(value: bigint, a: Value, amount: Value, direction: 1 | -1, filling?: Origins): Value {
  const result = shifted(value, a, direction * Number(amount.value & 63n), originsOf(amount), filling);
  return { ...result, ...decidersOf(a, amount) };
}

function extended(value: bigint, a: Value, bits: number, filling: Origins = NONE): Value {
  return { ...a, value, bytes: a.bytes.map((own, byte) => (byte < bits / 8 ? own : filling)) };
}

const compared = (value: boolean, ...operands: readonly Value[]): Condition => ({
  value,
  origins: union(...operands.map(originsOf)),
  ...decidersOf(...operands),
});

const joined = (value: boolean, a: Condition, b: Condition): Condition => ({
  value,
  origins: union(a.origins, b.origins),
  ...decidersOf(a, b),
});
