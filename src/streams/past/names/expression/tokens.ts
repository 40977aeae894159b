/** The words of an expression: numbers, registers, names and operators. */
import { PlaceError } from "../place-error.js";

export interface Token {
  readonly kind: "number" | "register" | "name" | "operator" | "end";
  readonly text: string;
}

/** Digits may be grouped as they are printed: 1,234,567 or 1_234_567. */
const NUMBER = /0x[0-9a-f]+(?:_[0-9a-f]+)*(?![\w.])|\d+(?:[_,]\d+)*(?![\w.])/iy;
const REGISTER = /\$\w+/y;
/** As assemblers have it: a compiler makes names such as `count.0`. */
const NAME = /[A-Za-z_.][\w.$]*/y;
const OPERATOR = /&&|\|\||==|!=|<=|>=|<<|>>|->|[-+*/%&|^~!<>()[\]=]/y;

const KINDS = [
  ["number", NUMBER],
  ["register", REGISTER],
  ["name", NAME],
  ["operator", OPERATOR],
] as const;

/** More than anybody types; what is made of them is nested as deep. */
const MAX_TOKENS = 1000;

/** Ends with a token of kind `end`. @throws {PlaceError} */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let words = 0;
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at] ?? "")) {
      at += 1;
      continue;
    }
    const token = tokenAt(text, at);
    // `a.b` is one token, and nested as deep as two.
    words += token.text.split(".").length;
    if (words > MAX_TOKENS) {
      throw new PlaceError(
        "INVALID_EXPRESSION",
        `an expression has at most ${String(MAX_TOKENS)} numbers, names and operators`,
      );
    }
    tokens.push(token);
    at += token.text.length;
  }
  return [...tokens, { kind: "end", text: "" }];
}

function tokenAt(text: string, at: number): Token {
  for (const [kind, pattern] of KINDS) {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) return { kind, text: found };
  }
  const [word = text[at] ?? ""] = /^[^\s()[\]]+/.exec(text.slice(at)) ?? [];
  if (/^\d/.test(word)) {
    throw new PlaceError("INVALID_NUMBER", `${word} is not a number; write it like 123 or 0x7b`);
  }
  throw new PlaceError(
    "INVALID_EXPRESSION",
    `an expression can't have ${JSON.stringify(word)} in it; it has numbers, $registers, names, members, *(int *)ADDRESS, and C's operators`,
  );
}
