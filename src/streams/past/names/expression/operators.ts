/** C's binary operators, on values of 64 bits. */
export interface Operand {
  /** As an unsigned number of 64 bits. */
  readonly read: () => Value;
  readonly isSigned: boolean;
}

/** Or why there is none in this state. */
export type Value = bigint | NoValue;
export type NoValue = "unmapped" | "division by 0" | "shift too far";

export const hasValue = (value: Value): value is bigint => typeof value === "bigint";

type Operator = (left: Operand, right: Operand) => Operand;

/** From those that bind least. */
export const PRECEDENCES: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<", "<=", ">", ">="],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

const asInteger = (value: bigint, isSigned: boolean): bigint => (isSigned ? BigInt.asIntN(64, value) : value);

/** Signed only where both operands are. */
const arithmetic =
  (compute: (left: bigint, right: bigint) => Value): Operator =>
  (left, right) => {
    const isSigned = left.isSigned && right.isSigned;
    return {
      isSigned,
      read: () => {
        const [a, b] = [left.read(), right.read()];
        if (!hasValue(a)) return a;
        if (!hasValue(b)) return b;
        const value = compute(asInteger(a, isSigned), asInteger(b, isSigned));
        return hasValue(value) ? BigInt.asUintN(64, value) : value;
      },
    };
  };

const comparison =
  (compare: (left: bigint, right: bigint) => boolean): Operator =>
  (left, right) => ({ ...arithmetic((a, b) => truth(compare(a, b)))(left, right), isSigned: true });

/** A shift has its left operand's sign. C says nothing of one by more than there are bits. */
const shift =
  (compute: (value: bigint, by: bigint) => bigint): Operator =>
  (left, right) => ({
    isSigned: left.isSigned,
    read: () => {
      const [value, by] = [left.read(), right.read()];
      if (!hasValue(value)) return value;
      if (!hasValue(by)) return by;
      if (by > 63n) return "shift too far";
      return BigInt.asUintN(64, compute(asInteger(value, left.isSigned), by));
    },
  });

/** The right operand is read only where the left one does not decide. */
const logical =
  (deciding: bigint): Operator =>
  (left, right) => ({
    isSigned: true,
    read: () => {
      const first = truthOf(left.read());
      if (first === deciding) return deciding;
      const second = truthOf(right.read());
      return second === deciding || hasValue(first) ? second : first;
    },
  });

export const BINARY: Readonly<Record<string, Operator>> = {
  "||": logical(1n),
  "&&": logical(0n),
  "|": arithmetic((a, b) => a | b),
  "^": arithmetic((a, b) => a ^ b),
  "&": arithmetic((a, b) => a & b),
  "==": comparison((a, b) => a === b),
  "!=": comparison((a, b) => a !== b),
  "<": comparison((a, b) => a < b),
  "<=": comparison((a, b) => a <= b),
  ">": comparison((a, b) => a > b),
  ">=": comparison((a, b) => a >= b),
  "<<": shift((value, by) => value << by),
  ">>": shift((value, by) => value >> by),
  "+": arithmetic((a, b) => a + b),
  "-": arithmetic((a, b) => a - b),
  "*": arithmetic((a, b) => a * b),
  "/": arithmetic((a, b) => (b === 0n ? "division by 0" : a / b)),
  "%": arithmetic((a, b) => (b === 0n ? "division by 0" : a % b)),
};

const truth = (value: boolean): bigint => (value ? 1n : 0n);
const truthOf = (value: Value): Value => (hasValue(value) ? truth(value !== 0n) : value);
