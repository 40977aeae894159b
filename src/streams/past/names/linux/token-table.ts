/**
 * The tokens that a kernel's symbol names are compressed with (Linux, scripts/kallsyms.c): 256 strings, each ended by a
 * NUL, and behind them where each begins. No header tells where they lie; their shape does.
 */
import { findBytes } from "./find-bytes.js";

export interface TokenTable {
  /** What each byte of a compressed name stands for. */
  readonly tokens: readonly string[];
  /** Of the strings, in the bytes that were searched. */
  readonly start: number;
  /** Behind the places of the strings. */
  readonly end: number;
}

/** Rows of digits that are looked at: a kernel has a few. */
export const MAX_ROWS_OF_DIGITS = 256;

/** Undefined: none is there. */
export function findTokenTable(bytes: Uint8Array): TokenTable | undefined {
  let digits = -1;
  for (let row = 0; row < MAX_ROWS_OF_DIGITS; row += 1) {
    digits = findBytes(bytes, DIGITS, digits + 1);
    if (digits < 0) return undefined;
    const table = tableAround(bytes, digits);
    if (table !== undefined) return table;
  }
  return undefined;
}

/** Tables begin at multiples of a pointer's size. */
export const TABLE_ALIGNMENT = 8;

export const aligned = (offset: number): number => Math.ceil(offset / TABLE_ALIGNMENT) * TABLE_ALIGNMENT;

const TOKENS = 256;
const ZERO = 0x30;
/** A character that names use stands for itself, and every kernel has names with each of the digits. */
const DIGITS = Uint8Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? ZERO + index / 2 : 0));

function tableAround(bytes: Uint8Array, digits: number): TokenTable | undefined {
  let stringsEnd = digits;
  for (let token = ZERO; token < TOKENS; token += 1) {
    const end = bytes.indexOf(0, stringsEnd);
    if (end < 0) return undefined;
    stringsEnd = end + 1;
  }
  const placesStart = aligned(stringsEnd);
  const end = placesStart + 2 * TOKENS;
  if (end > bytes.length) return undefined;
  const places = new DataView(bytes.buffer, bytes.byteOffset + placesStart, 2 * TOKENS);
  const start = digits - places.getUint16(2 * ZERO, true);
  if (start < 0 || places.getUint16(0, true) !== 0) return undefined;
  const tokens: string[] = [];
  for (let token = 0, at = start; token < TOKENS; token += 1) {
    if (start + places.getUint16(2 * token, true) !== at) return undefined;
    const end = bytes.indexOf(0, at);
    tokens.push(latin1(bytes.subarray(at, end)));
    at = end + 1;
  }
  return { tokens, start, end };
}

const LATIN1 = new TextDecoder("latin1");

const latin1 = (bytes: Uint8Array): string => LATIN1.decode(bytes);
