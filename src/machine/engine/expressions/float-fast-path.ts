/**
 * Floating point by WebAssembly's own instructions, if result and flags are certain to be what IEEE 754 requires.
 *
 * WebAssembly rounds to nearest and raises no flags. So the fast path needs that rm is RNE, and that NX is set already
 * (it stays set). The result's exponent must rule out overflow, underflow (RISC-V detects tininess after rounding,
 * hence from 2) and NaN, whose bits WebAssembly leaves open. All else takes the exact arithmetic.
 */
import type { FloatFormat, FloatOperation, IntegerName } from "../../float/operations.js";
import type { Assembler, Label } from "../../wasm/assembler.js";
import type { Opcode } from "../../wasm/opcodes.js";
import { requireExponent } from "./float-exponent.js";
import { emitFusedMultiplyAdd } from "./fused-multiply-add.js";
import type { Code, CompiledValues } from "./compiled-values.js";

export interface FloatCall {
  /** Gives up unless this rounding mode is in effect and NX is set. */
  readonly requireRounding: (mode: bigint, giveUp: Label) => void;
  readonly inputs: readonly Code[];
  /** The same operation by the exact arithmetic. */
  readonly exact: Code;
}

export type FastPath = (o: CompiledValues, call: FloatCall) => Code;

const ROUND_TO_NEAREST = 0n;
const ROUND_TO_ZERO = 1n;
/** The inexact flag of fflags. */
export const NX = 1n;

/** Undefined: the operation has no fast path. */
export const floatFastPath = (operation: FloatOperation): FastPath | undefined => FAST_PATHS.get(operation);

/** Leaves the f32 or f64 whose bits these are. */
const unpack = (asm: Assembler, format: FloatFormat, bits: Code): void => {
  bits();
  if (format === "d") {
    asm.op("f64.reinterpret_i64");
    return;
  }
  asm.op("i32.wrap_i64");
  asm.op("f32.reinterpret_i32");
};

/** Turns an f32 or f64 on the stack into its bits, an i64. */
const pack = (asm: Assembler, format: FloatFormat): void => {
  if (format === "d") {
    asm.op("i64.reinterpret_f64");
    return;
  }
  asm.op("i32.reinterpret_f32");
  asm.op("i64.extend_i32_u");
};

const requireNumber = (o: CompiledValues, format: FloatFormat, bits: Code, giveUp: Label): void => {
  const { asm } = o;
  unpack(asm, format, bits);
  unpack(asm, format, bits);
  asm.op(format === "d" ? "f64.eq" : "f32.eq");
  asm.op("i32.eqz");
  asm.brIf(giveUp);
};

const wasmType = (format: FloatFormat): "f32" | "f64" => (format === "d" ? "f64" : "f32");

/** A zero or subnormal sum is exact, so only infinities and NaN need the exact arithmetic. */
const LOWEST_EXPONENT = { add: 0n, sub: 0n, mul: 2n, div: 2n, sqrt: 2n } as const;

const rounded =
  (name: keyof typeof LOWEST_EXPONENT, format: FloatFormat): FastPath =>
  (o, { requireRounding, inputs, exact }) =>
    o.attempt((giveUp) => {
      const { asm } = o;
      requireRounding(ROUND_TO_NEAREST, giveUp);
      for (const input of inputs) unpack(asm, format, input);
      asm.op(`${wasmType(format)}.${name}`);
      pack(asm, format);
      const result = o.temporary("i64");
      asm.set(result);
      const bits = (): void => {
        asm.get(result);
      };
      requireExponent(o, format, bits, LOWEST_EXPONENT[name], giveUp);
      bits();
    }, exact);

/** Only a NaN raises a flag. */
const compared =
  (name: "eq" | "lt" | "le", format: FloatFormat): FastPath =>
  (o, { inputs, exact }) =>
    o.attempt((giveUp) => {
      const { asm } = o;
      for (const input of inputs) requireNumber(o, format, input, giveUp);
      for (const input of inputs) unpack(asm, format, input);
      asm.op(`${wasmType(format)}.${name}`);
      asm.op("i64.extend_i32_u");
    }, exact);

/** Exclusive bounds within which truncation gives a number of the integer type. */
const BOUNDS: Readonly<Record<IntegerName, readonly [number, number]>> = {
  w: [-2147483649, 2147483648],
  wu: [-1, 4294967296],
  // Rounded inwards to numbers that a double can represent.
  l: [-(2 ** 62), 2 ** 62],
  lu: [-1, 2 ** 62],
};

const truncated =
  (integer: IntegerName, format: FloatFormat): FastPath =>
  (o, { requireRounding, inputs, exact }) =>
    o.attempt((giveUp) => {
      const { asm } = o;
      requireRounding(ROUND_TO_ZERO, giveUp);
      const value = o.temporary("f64");
      unpack(asm, format, inputs[0] ?? o.i64(0n));
      if (format === "s") asm.op("f64.promote_f32");
      asm.set(value);
      const [low, high] = BOUNDS[integer];
      asm.get(value);
      asm.f64(low);
      asm.op("f64.gt");
      asm.get(value);
      asm.f64(high);
      asm.op("f64.lt");
      asm.op("i32.and");
      asm.op("i32.eqz");
      asm.brIf(giveUp);
      asm.get(value);
      asm.op("i64.trunc_f64_s");
      if (integer === "wu") asm.op("i64.extend32_s");
    }, exact);

const fromInteger =
  (integer: IntegerName, format: FloatFormat): FastPath =>
  (o, { requireRounding, inputs, exact }) =>
    o.attempt((giveUp) => {
      const { asm } = o;
      const isWord = integer === "w" || integer === "wu";
      // A double holds every 32-bit integer.
      if (!(isWord && format === "d")) requireRounding(ROUND_TO_NEAREST, giveUp);
      (inputs[0] ?? o.i64(0n))();
      if (isWord) asm.op("i32.wrap_i64");
      const sign = integer.endsWith("u") ? "u" : "s";
      const source: `convert_i${32 | 64}_${"s" | "u"}` = isWord ? `convert_i32_${sign}` : `convert_i64_${sign}`;
      asm.op(`${wasmType(format)}.${source}` satisfies Opcode);
      pack(asm, format);
    }, exact);

const widened: FastPath = (o, { inputs, exact }) =>
  o.attempt((giveUp) => {
    const { asm } = o;
    for (const input of inputs) {
      requireNumber(o, "s", input, giveUp);
      unpack(asm, "s", input);
    }
    asm.op("f64.promote_f32");
    pack(asm, "d");
  }, exact);

const narrowed: FastPath = (o, { requireRounding, inputs, exact }) =>
  o.attempt((giveUp) => {
    const { asm } = o;
    requireRounding(ROUND_TO_NEAREST, giveUp);
    for (const input of inputs) unpack(asm, "d", input);
    asm.op("f32.demote_f64");
    pack(asm, "s");
    const result = o.temporary("i64");
    asm.set(result);
    const bits = (): void => {
      asm.get(result);
    };
    requireExponent(o, "s", bits, 2n, giveUp);
    bits();
  }, exact);

const fused: FastPath = (o, { requireRounding, inputs, exact }) =>
  o.attempt((giveUp) => {
    requireRounding(ROUND_TO_NEAREST, giveUp);
    emitFusedMultiplyAdd(o, inputs, giveUp);
  }, exact);

const forFormat = (format: FloatFormat): [FloatOperation, FastPath][] => [
  ...(["add", "sub", "mul", "div", "sqrt"] as const).map((name): [FloatOperation, FastPath] => [
    `${name}.${format}`,
    rounded(name, format),
  ]),
  ...(["eq", "lt", "le"] as const).map((name): [FloatOperation, FastPath] => [
    `${name}.${format}`,
    compared(name, format),
  ]),
  ...(["w", "wu", "l", "lu"] as const).flatMap((integer): [FloatOperation, FastPath][] => [
    [`to.${integer}.${format}`, truncated(integer, format)],
    [`from.${integer}.${format}`, fromInteger(integer, format)],
  ]),
];

const FAST_PATHS: ReadonlyMap<FloatOperation, FastPath> = new Map<FloatOperation, FastPath>([
  ...forFormat("s"),
  ...forFormat("d"),
  ["convert.d.s", widened],
  ["convert.s.d", narrowed],
  ["fma.d", fused],
]);
