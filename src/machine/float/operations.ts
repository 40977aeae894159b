/** The arithmetic of F and D by name, so that an engine can pass an operation across a boundary as a number. */
import {
  add,
  binary32,
  binary64,
  classify,
  convert,
  div,
  eq,
  fma,
  fromInt,
  le,
  lt,
  max,
  min,
  mul,
  sqrt,
  sub,
  toInt,
  type Format,
  type IntegerType,
  type Rounded,
  type RoundingMode,
} from "./float.js";

type Evaluate = (rm: RoundingMode, a: bigint, b: bigint, c: bigint) => Rounded;

const INTEGERS = {
  w: { width: 32, signed: true },
  wu: { width: 32, signed: false },
  l: { width: 64, signed: true },
  lu: { width: 64, signed: false },
} as const satisfies Record<string, IntegerType>;

export type IntegerName = keyof typeof INTEGERS;
export type FloatFormat = "s" | "d";

type Arithmetic = "add" | "sub" | "mul" | "div" | "sqrt" | "fma" | "min" | "max" | "eq" | "lt" | "le" | "class";
export type FloatOperation =
  `${Arithmetic | `to.${IntegerName}` | `from.${IntegerName}`}.${FloatFormat}` | "convert.s.d" | "convert.d.s";

function operations(suffix: FloatFormat, format: Format): [string, Evaluate][] {
  const integers = Object.entries(INTEGERS).flatMap(([name, type]): [string, Evaluate][] => [
    [`to.${name}`, (rm, a) => toInt(format, a, type, rm)],
    [`from.${name}`, (rm, a) => fromInt(format, a, type, rm)],
  ]);
  const arithmetic: [string, Evaluate][] = [
    ["add", (rm, a, b) => add(format, a, b, rm)],
    ["sub", (rm, a, b) => sub(format, a, b, rm)],
    ["mul", (rm, a, b) => mul(format, a, b, rm)],
    ["div", (rm, a, b) => div(format, a, b, rm)],
    ["sqrt", (rm, a) => sqrt(format, a, rm)],
    ["fma", (rm, a, b, c) => fma(format, a, b, c, rm)],
    ["min", (_rm, a, b) => min(format, a, b)],
    ["max", (_rm, a, b) => max(format, a, b)],
    ["eq", (_rm, a, b) => eq(format, a, b)],
    ["lt", (_rm, a, b) => lt(format, a, b)],
    ["le", (_rm, a, b) => le(format, a, b)],
    ["class", (_rm, a) => ({ bits: classify(format, a), flags: 0 })],
  ];
  return [...arithmetic, ...integers].map(([name, evaluate]) => [`${name}.${suffix}`, evaluate]);
}

const TABLE: readonly (readonly [string, Evaluate])[] = [
  ...operations("s", binary32),
  ...operations("d", binary64),
  ["convert.s.d", (rm, a) => convert(binary64, binary32, a, rm)],
  ["convert.d.s", (rm, a) => convert(binary32, binary64, a, rm)],
];

const NUMBERS = new Map(TABLE.map(([name], index) => [name, index]));

export function floatOperationNumber(operation: FloatOperation): number {
  const index = NUMBERS.get(operation);
  if (index === undefined) throw new Error(`no float operation ${operation}`);
  return index;
}

export function evaluateFloat(number: number, rm: RoundingMode, a: bigint, b: bigint, c: bigint): Rounded {
  const entry = TABLE[number];
  if (entry === undefined) throw new RangeError(`no float operation ${String(number)}`);
  return entry[1](rm, a, b, c);
}
