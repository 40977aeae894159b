/** C's expressions, as gdb takes them: operators, names, $registers, members, elements, casts. */
import { isIntegerWord } from "./c-types.js";
import type { NamedType, Node } from "./node.js";
import { PRECEDENCES } from "./operators.js";
import { PlaceError } from "../place-error.js";
import { tokensOf, type Token } from "./tokens.js";

/** Deep enough for whoever types; the parser calls itself. */
export const MAX_DEPTH = 100;

/** @throws {PlaceError} where it is no expression */
export function parseExpression(text: string): Node {
  if (text.trim() === "") throw new PlaceError("MISSING_OPERAND", "an expression is missing");
  return new Parser(text).whole();
}

const STRUCTURE_WORDS = ["struct", "union", "enum"];
const QUALIFIERS = ["const", "volatile"];

class Parser {
  private readonly tokens: readonly Token[];
  private next = 0;
  private depth = 0;

  constructor(private readonly text: string) {
    this.tokens = tokensOf(text);
  }

  whole(): Node {
    const node = this.binary(0);
    if (this.peek().kind !== "end") throw this.unexpected();
    return node;
  }

  /** Operators of this precedence and all that bind closer. */
  private binary(precedence: number): Node {
    const operators = PRECEDENCES[precedence];
    if (operators === undefined) return this.unary();
    let left = this.binary(precedence + 1);
    for (;;) {
      const { text: operator, kind } = this.peek();
      if (kind !== "operator" || !operators.includes(operator)) return left;
      this.next += 1;
      left = { kind: "binary", operator, left, right: this.binary(precedence + 1) };
    }
  }

  private unary(): Node {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) {
      throw new PlaceError("INVALID_EXPRESSION", `it is nested deeper than ${String(MAX_DEPTH)}; write it in parts`);
    }
    const node = this.prefixed();
    this.depth -= 1;
    return node;
  }

  private prefixed(): Node {
    for (const operator of ["-", "+", "~", "!"] as const) {
      if (this.takes(operator)) return { kind: "unary", operator, of: this.unary() };
    }
    if (this.takes("*")) return { kind: "dereference", of: this.unary() };
    if (this.takes("&")) return { kind: "address", of: this.unary() };
    const type = this.castType();
    if (type !== undefined) return { kind: "cast", type, of: this.unary() };
    return this.postfixed(this.takes("(") ? this.bracketed() : this.primary());
  }

  /** `(TYPE)` or `(TYPE *)`. A word alone is a type where C's integers are, or where a value follows its bracket. */
  private castType(): NamedType | undefined {
    const start = this.next;
    if (!this.takes("(")) return undefined;
    const words: string[] = [];
    while (this.peek().kind === "name") {
      const { text } = this.take();
      if (!QUALIFIERS.includes(text)) words.push(text);
    }
    let pointers = 0;
    while (this.takes("*")) pointers += 1;
    const [first = ""] = words;
    const isType = isIntegerWord(first) || STRUCTURE_WORDS.includes(first);
    const isClosed = words.length > 0 && this.takes(")");
    const { kind, text } = this.peek();
    const hasOperand = kind !== "end" && (kind !== "operator" || text === "(");
    if (isType && !isClosed) throw this.unexpected(")");
    if (isClosed && (isType || (words.length === 1 && (pointers > 0 || hasOperand)))) return { words, pointers };
    this.next = start;
    return undefined;
  }

  private bracketed(): Node {
    const node = this.binary(0);
    this.expect(")");
    return node;
  }

  private postfixed(primary: Node): Node {
    let node = primary;
    for (let links = 0; ; links += 1) {
      // They nest as brackets do, and whoever reads the nodes calls itself.
      if (links > MAX_DEPTH)
        throw new PlaceError("INVALID_EXPRESSION", `it has more than ${String(MAX_DEPTH)} members`);
      const { kind, text } = this.peek();
      if (this.takes("->")) {
        node = members(node, this.memberName(), true);
      } else if (kind === "name" && text.startsWith(".")) {
        this.next += 1;
        node = members(node, text.slice(1), false);
      } else if (this.takes("[")) {
        const index = this.binary(0);
        this.expect("]");
        node = { kind: "index", of: node, index };
      } else {
        return node;
      }
    }
  }

  private memberName(): string {
    if (this.peek().kind !== "name") throw this.unexpected("a member's name");
    return this.take().text;
  }

  private primary(): Node {
    const { kind, text } = this.peek();
    if (kind === "operator" || kind === "end") throw this.unexpected();
    this.next += 1;
    if (kind === "register") return { kind, name: text.slice(1) };
    if (kind === "name") return { kind, name: text };
    const value = BigInt(text.replaceAll(/[_,]/g, ""));
    if (value >> 64n !== 0n) throw new PlaceError("INVALID_NUMBER", `${text} has more than 64 bits`);
    return { kind: "number", value };
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

  private unexpected(wanted = "a number, a $register or a name"): PlaceError {
    const { kind, text } = this.peek();
    const hint = text === "=" ? "; a comparison is ==" : "";
    const found = kind === "end" ? "it ends" : `${text} stands`;
    const orOperator = kind === "end" ? "" : " or an operator";
    return new PlaceError("INVALID_EXPRESSION", `${this.text}: ${found} where ${wanted}${orOperator} should be${hint}`);
  }
}

/** `a.b` is one word to assemblers, and two members here. */
const members = (of: Node, names: string, isArrow: boolean): Node =>
  names
    .split(".")
    .reduce<Node>((node, name, index) => ({ kind: "member", of: node, name, isArrow: isArrow && index === 0 }), of);
