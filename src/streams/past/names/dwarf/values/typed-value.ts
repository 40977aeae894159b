/** The values on the stack of a DWARF expression, and what is computed with them (DWARF 5, sections 2.5.1.4 and 5). */
import { bitsOfFloat, floatComputed, floatOf } from "./floating-point.js";
import { OP } from "./operations.js";

export interface ValueType {
  readonly bits: number;
  readonly isSigned: boolean;
  readonly isFloat: boolean;
}

export interface TypedValue {
  /** Its bits, without a sign. */
  readonly bits: bigint;
  readonly type: ValueType;
}

/** As wide as an address, of no sign: some operations take it for signed. */
export const GENERIC: ValueType = { bits: 64, isSigned: false, isFloat: false };

export const generic = (value: bigint): TypedValue => ({ bits: BigInt.asUintN(64, value), type: GENERIC });

export const typed = (value: bigint, type: ValueType): TypedValue => ({ bits: BigInt.asUintN(type.bits, value), type });

/** With its sign, if the type has one. */
export const numberOf = ({ bits, type }: TypedValue): bigint => (type.isSigned ? BigInt.asIntN(type.bits, bits) : bits);

/** As another type has it: a number of either kind. Undefined: that has none. */
export function converted(value: TypedValue, type: ValueType): TypedValue | undefined {
  const from = value.type.isFloat ? floatOf(value.bits, value.type.bits) : numberOf(value);
  if (type.isFloat) return from === undefined ? undefined : ofFloat(Number(from), type);
  if (typeof from === "bigint") return typed(from, type);
  return from === undefined || !Number.isFinite(from) ? undefined : typed(BigInt(Math.trunc(from)), type);
}

function ofFloat(number: number, type: ValueType): TypedValue | undefined {
  const bits = bitsOfFloat(number, type.bits);
  return bits === undefined ? undefined : { bits, type };
}

/** Undefined: there is none (a division by zero). */
export function unary(operation: number, value: TypedValue): TypedValue | undefined {
  const { type } = value;
  if (type.isFloat) {
    const number = floatOf(value.bits, type.bits);
    if (number === undefined || operation === OP.not) return undefined;
    return ofFloat(operation === OP.neg ? -number : Math.abs(number), type);
  }
  switch (operation) {
    case OP.abs: {
      const number = signed(value);
      return typed(number < 0n ? -number : number, type);
    }
    case OP.neg:
      return typed(-signed(value), type);
    case OP.not:
      return typed(~value.bits, type);
    default:
      return undefined;
  }
}

/** `second` was below `top` on the stack. Undefined as above, or where their types differ. */
export function binary(operation: number, second: TypedValue, top: TypedValue): TypedValue | undefined {
  const { type } = second;
  if (type.isFloat || top.type.isFloat) return binaryOfFloats(operation, second, top);
  if (isShift(operation)) return shifted(operation, second, numberOf(top));
  if (type.bits !== top.type.bits || type.isSigned !== top.type.isSigned) return undefined;
  const value = computed(operation, second, top);
  return value === undefined ? undefined : typeof value === "boolean" ? generic(value ? 1n : 0n) : typed(value, type);
}

function binaryOfFloats(operation: number, second: TypedValue, top: TypedValue): TypedValue | undefined {
  const { type } = second;
  if (type.isFloat !== top.type.isFloat || type.bits !== top.type.bits) return undefined;
  const [a, b] = [floatOf(second.bits, type.bits), floatOf(top.bits, type.bits)];
  const value = a === undefined || b === undefined ? undefined : floatComputed(operation, a, b);
  return typeof value === "number" ? ofFloat(value, type) : value === undefined ? undefined : generic(value ? 1n : 0n);
}

const isShift = (operation: number): boolean => operation === OP.shl || operation === OP.shr || operation === OP.shra;

function shifted(operation: number, value: TypedValue, by: bigint): TypedValue | undefined {
  if (by < 0n) return undefined;
  // A shift by as many bits or more leaves none; a number of any size would take any memory.
  const bits = by > BigInt(value.type.bits) ? BigInt(value.type.bits) : by;
  if (operation === OP.shl) return typed(value.bits << bits, value.type);
  return typed((operation === OP.shr ? value.bits : signed(value)) >> bits, value.type);
}

function computed(operation: number, second: TypedValue, top: TypedValue): bigint | boolean | undefined {
  const [a, b] = [second.bits, top.bits];
  switch (operation) {
    case OP.and:
      return a & b;
    case OP.or:
      return a | b;
    case OP.xor:
      return a ^ b;
    case OP.plus:
      return a + b;
    case OP.minus:
      return a - b;
    case OP.mul:
      return a * b;
    case OP.mod:
      // Of addresses without a sign, of other types with theirs.
      return b === 0n ? undefined : numberOf(second) % numberOf(top);
    case OP.div:
      return b === 0n ? undefined : divisionOf(second) / divisionOf(top);
    case OP.eq:
      return a === b;
    case OP.ne:
      return a !== b;
    default:
      return compared(operation, divisionOf(second), divisionOf(top));
  }
}

function compared(operation: number, a: bigint, b: bigint): boolean | undefined {
  switch (operation) {
    case OP.ge:
      return a >= b;
    case OP.gt:
      return a > b;
    case OP.le:
      return a <= b;
    case OP.lt:
      return a < b;
    default:
      return undefined;
  }
}

const signed = ({ bits, type }: TypedValue): bigint => BigInt.asIntN(type.bits, bits);

/** Divisions and comparisons take a value of no type for signed. */
const divisionOf = (value: TypedValue): bigint => (value.type === GENERIC ? signed(value) : numberOf(value));
