/** Expressions over a guest's names, registers and memory: what stands for a value, or for a place. */
import { evaluate, type Scope } from "./evaluate.js";
import { hasRegister, type Node } from "./node.js";
import type { Operand } from "./operand.js";
import { hasValue, type NoValue, type Value } from "./operators.js";
import { parseExpression } from "./parse.js";
import { PlaceError } from "../place-error.js";

export { hasValue, type Value } from "./operators.js";
export type { Operand, PlaceOf } from "./operand.js";
export type { Scope } from "./evaluate.js";

export class Expression {
  private readonly node: Node;

  /** @throws {PlaceError} where it is none */
  constructor(private readonly text: string) {
    this.node = parseExpression(text);
  }

  get hasRegister(): boolean {
    return hasRegister(this.node);
  }

  /** It computes, so that it lies nowhere. */
  get isComputation(): boolean {
    const { kind } = this.node;
    return kind === "binary" || kind === "unary" || kind === "cast";
  }

  /** @throws {PlaceError} where it has a name, register or member that is not there */
  in(scope: Scope): Operand {
    return evaluate(this.node, scope);
  }

  /** 64 bits, unsigned. @throws {PlaceError} also where it has no value in this state */
  value(scope: Scope): bigint {
    const value = this.in(scope).read();
    if (hasValue(value)) return value;
    throw new PlaceError("CANNOT_ACCESS", `${this.text} has no value here: ${REASONS[value]}`);
  }

  /** A condition: false also where memory is not mapped, or a variable is not there. */
  holds(scope: Scope): boolean {
    const value = this.valueOrReason(scope);
    return hasValue(value) && value !== 0n;
  }

  private valueOrReason(scope: Scope): Value {
    try {
      return this.in(scope).read();
    } catch (fault) {
      if (fault instanceof PlaceError && fault.code === "CANNOT_ACCESS") return "unmapped";
      throw fault;
    }
  }
}

const REASONS: Readonly<Record<NoValue, string>> = {
  unmapped: "it reads memory where nothing is mapped",
  "division by 0": "it divides by 0",
  "shift too far": "it shifts by less than 0 bits, or by more than 63",
};
