/**
 * What stands for a number in the monitor, as in gdb: C's operators over numbers, $registers, names (the address of
 * what they name) and memory, `*(int *)ADDRESS`. All have 64 bits. As in C, what is unsigned makes what it meets
 * unsigned: registers, addresses and unsigned types are.
 */
import type { Inspected } from "../../../machine/inspect.js";
import { BINARY, hasValue, PRECEDENCES, type NoValue, type Operand } from "./operators.js";
import { MonitorError } from "./monitor-error.js";
import type { Names } from "./names.js";
import { memoryAt, registerNamed } from "./operands.js";
import { tokensOf, type Token } from "./tokens.js";
import { isTypeWord, typeOf, type IntegerType } from "./types.js";

export interface Expression extends Operand {
  /** Whether it reads a register: such a value changes with nearly every instruction. */
  readonly hasRegister: boolean;
  /** Where it is a pointer, or the address of a variable of a known size: what is there. */
  readonly pointee?: IntegerType | undefined;
}

/** Deep enough for whoever types; the parser calls itself. */
const MAX_DEPTH = 100;

/** @throws {MonitorError} where it is none, or has a name or register that is not there. */
export function expressionOf(text: string, names: Names): Expression {
  if (text.trim() === "") throw new MonitorError("MISSING_OPERAND", "an expression is missing");
  return new Parser(text, names).whole();
}

/** The value now. @throws {MonitorError} also where it has none. */
export const valueOf = (text: string, names: Names, at: Inspected): bigint =>
  readValue(text, expressionOf(text, names), at);

/** @throws {MonitorError} where it has none now. */
export function readValue(text: string, expression: Expression, at: Inspected): bigint {
  const value = expression.read(at);
  if (hasValue(value)) return value;
  throw new MonitorError("CANNOT_ACCESS", `${text} has no value here: ${REASONS[value]}`);
}

const REASONS: Readonly<Record<NoValue, string>> = {
  unmapped: "it reads memory where nothing is mapped",
  "division by 0": "it divides by 0",
};

/** A number that counts something. @throws {MonitorError} */
export function countOf(text: string, names: Names, at: Inspected): number {
  const expression = expressionOf(text, names);
  const value = readValue(text, expression, at);
  if (expression.isSigned && value >> 63n === 1n) {
    throw new MonitorError("INVALID_NUMBER", `${text} is negative; give a count from 0`);
  }
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw new MonitorError(
    "INVALID_NUMBER",
    `${text} is too large to count: the largest is ${String(Number.MAX_SAFE_INTEGER)}`,
  );
}

class Parser {
  private readonly tokens: readonly Token[];
  private next = 0;
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly names: Names,
  ) {
    this.tokens = tokensOf(text);
  }

  whole(): Expression {
    const expression = this.binary(0);
    if (this.peek().kind !== "end") throw this.unexpected();
    return expression;
  }

  /** Operators of this precedence and all that bind closer. */
  private binary(precedence: number): Expression {
    const operators = PRECEDENCES[precedence];
    if (operators === undefined) return this.unary();
    let left = this.binary(precedence + 1);
    for (;;) {
      const { text, kind } = this.peek();
      const operator = kind === "operator" && operators.includes(text) ? BINARY[text] : undefined;
      if (operator === undefined) return left;
      this.next += 1;
      const right = this.binary(precedence + 1);
      left = { ...operator(left, right), hasRegister: left.hasRegister || right.hasRegister };
    }
  }

  private unary(): Expression {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) {
      throw new MonitorError("INVALID_EXPRESSION", `it is nested deeper than ${String(MAX_DEPTH)}; write it in parts`);
    }
    const expression = this.prefixed();
    this.depth -= 1;
    return expression;
  }

  private prefixed(): Expression {
    if (this.takes("-")) return this.mapped((value) => -value);
    if (this.takes("+")) return this.mapped((value) => value);
    if (this.takes("~")) return this.mapped((value) => ~value);
    if (this.takes("!")) return { ...this.mapped((value) => (value === 0n ? 1n : 0n)), isSigned: true };
    if (this.takes("*")) return this.dereferenced(this.unary());
    if (this.takes("&")) return this.addressOf();
    if (this.takes("(")) return isTypeWord(this.peek().text) ? this.cast() : this.bracketed();
    return this.primary();
  }

  private mapped(change: (value: bigint) => bigint): Expression {
    const { read, isSigned, hasRegister } = this.unary();
    return {
      isSigned,
      hasRegister,
      read: (at) => {
        const value = read(at);
        return hasValue(value) ? BigInt.asUintN(64, change(value)) : value;
      },
    };
  }

  private dereferenced({ read, hasRegister, pointee }: Expression): Expression {
    if (pointee === undefined) {
      throw new MonitorError(
        "INVALID_EXPRESSION",
        `${this.text}: say what is there, such as *(int *)0x80001000 or *(unsigned long *)$sp`,
      );
    }
    return {
      isSigned: pointee.isSigned,
      hasRegister,
      read: (at) => {
        const address = read(at);
        return hasValue(address) ? memoryAt(at, address, pointee) : address;
      },
    };
  }

  /** `&name` is what `name` is: in gdb only the first is the address. */
  private addressOf(): Expression {
    if (this.peek().kind !== "name") throw this.unexpected();
    return this.primary();
  }

  private cast(): Expression {
    const words: string[] = [];
    while (isTypeWord(this.peek().text)) words.push(this.take().text);
    const type = typeOf(words);
    const isPointer = this.takes("*");
    this.expect(")");
    const { read, hasRegister } = this.unary();
    if (isPointer) return { read, hasRegister, isSigned: false, pointee: type };
    const { bits, isSigned } = type;
    return {
      isSigned,
      hasRegister,
      read: (at) => {
        const value = read(at);
        if (!hasValue(value)) return value;
        return BigInt.asUintN(64, isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value));
      },
    };
  }

  private bracketed(): Expression {
    const expression = this.binary(0);
    this.expect(")");
    return expression;
  }

  private primary(): Expression {
    const { kind, text } = this.peek();
    if (kind === "operator" || kind === "end") throw this.unexpected();
    this.next += 1;
    if (kind === "register") return { read: registerNamed(text.slice(1)), hasRegister: true, isSigned: false };
    if (kind === "name") {
      const { address, sizeBytes } = this.names.named(text);
      const pointee = [1n, 2n, 4n, 8n].includes(sizeBytes)
        ? { bits: Number(sizeBytes) * 8, isSigned: false }
        : undefined;
      return { read: () => address, hasRegister: false, isSigned: false, pointee };
    }
    const value = BigInt(text.replaceAll(/[_,]/g, ""));
    if (value >> 64n !== 0n) throw new MonitorError("INVALID_NUMBER", `${text} has more than 64 bits`);
    return { read: () => value, hasRegister: false, isSigned: value >> 63n === 0n };
  }

  private peek(): Token {
    return this.tokens[this.next] ?? { kind: "end", text: "" };
  }

  private take(): Token {
    const token = this.peek();
    this.next += 1;
    return token;
  }

  private takes(operator: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== "operator" || text !== operator) return false;
    this.next += 1;
    return true;
  }

  private expect(operator: string): void {
    if (!this.takes(operator)) throw this.unexpected(operator);
  }

  private unexpected(wanted = "a number, a $register or a name"): MonitorError {
    const { kind, text } = this.peek();
    const hint = text === "=" ? "; a comparison is ==" : "";
    return new MonitorError(
      "INVALID_EXPRESSION",
      `${this.text}: ${kind === "end" ? `it ends where ${wanted} should be` : `${text} stands where ${wanted} or an operator should be`}${hint}`,
    );
  }
}
