/** C's names of integers, as the RISC-V ABI sizes them (LP64): what a piece of memory is read as. */
import { PlaceError } from "../place-error.js";
import type { ScalarType } from "../type.js";

const BITS: Readonly<Record<string, number>> = { char: 8, short: 16, int: 32, long: 64 };
const SIGNS = ["signed", "unsigned"];
const FIXED = /^(u?)int(8|16|32|64)_t$/;

export const isIntegerWord = (word: string): boolean =>
  Object.hasOwn(BITS, word) || SIGNS.includes(word) || FIXED.test(word);

/**
 * The words of a type, such as `unsigned int` or `uint32_t`; a plain `char` is unsigned, as in the ABI. @throws
 * {PlaceError}
 */
export function integerType(words: readonly string[]): ScalarType {
  const name = words.join(" ");
  const [first = ""] = words;
  const [, unsigned, bits] = FIXED.exec(first) ?? [];
  if (bits !== undefined && words.length === 1) return integer(name, Number(bits), unsigned === "");
  const signs = words.filter((word) => SIGNS.includes(word));
  const sizes = [...new Set(words.filter((word) => Object.hasOwn(BITS, word)))];
  // `long long` and `short int` are one size each; there is no `char int`.
  const size = sizes.length > 1 && !sizes.includes("char") ? sizes.filter((word) => word !== "int") : sizes;
  if (signs.length > 1 || size.length > 1 || words.some((word) => FIXED.test(word))) {
    throw new PlaceError("INVALID_EXPRESSION", `there is no type ${name}; such are int, unsigned char, uint64_t`);
  }
  const [word = "int"] = size;
  const isSigned = signs.length === 0 ? word !== "char" : signs[0] === "signed";
  return integer(name, BITS[word] ?? 32, isSigned);
}

const integer = (name: string, bits: number, isSigned: boolean): ScalarType => ({
  kind: "integer",
  name,
  bytes: bits / 8,
  isSigned,
});
