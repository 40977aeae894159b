/** A number in the letters of a format: x d u o c, as QEMU's monitor prints them. */
import { hex, hexAddress } from "../../../reducers/hex.js";

const ESCAPED: Readonly<Record<string, string>> = { "'": "\\'", "\\": "\\\\", "\n": "\\n", "\r": "\\r" };

/** `value`: unsigned, of `bits` bits. */
export function numberText(value: bigint, letter: string, bits: number): string {
  switch (letter) {
    case "d":
      return BigInt.asIntN(bits, value).toString();
    case "u":
      return value.toString();
    case "o":
      return value === 0n ? "0" : `0${value.toString(8)}`;
    case "c":
      return `'${character(Number(value & 0xffn))}'`;
    default:
      return hexAddress(value);
  }
}

function character(code: number): string {
  const text = String.fromCharCode(code);
  return ESCAPED[text] ?? (code >= 32 && code < 127 ? text : `\\x${hex(code, 2)}`);
}
