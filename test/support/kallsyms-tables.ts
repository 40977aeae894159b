// A kernel's symbol tables as scripts/kallsyms.c lays them out, in each of the orders that it had.

/** The first version with an order. */
export type KallsymsOrder = "5.15" | "6.2" | "6.4";

export interface PlainSymbol {
  readonly kind: string;
  readonly name: string;
  readonly address: bigint;
}

/** Tokens that stand at bytes which no name has; a real kernel has as many as fit. */
const TOKENS: readonly [number, string][] = [
  [0x01, "sys_"],
  [0x80, "_init"],
  [0xff, "__"],
];

/** Sorted by address. A multiple of 8 bytes. */
export function kallsymsTables(symbols: readonly PlainSymbol[], order: KallsymsOrder): Uint8Array {
  const { names, markers } = compressed(symbols);
  const tokens = tokenTable();
  const [base = 0n] = symbols.map(({ address }) => address);
  const parts = {
    count: words([symbols.length]),
    names,
    markers: words(markers),
    tokens: tokens.strings,
    tokenIndex: tokens.index,
    offsets: words(symbols.map(({ address }) => Number(address - base))),
    base: new Uint8Array(new BigUint64Array([base]).buffer),
    byName: byName(symbols),
  };
  return aligned(ORDERS[order].map((part) => parts[part]));
}

const ORDERS = {
  "5.15": ["offsets", "base", "count", "names", "markers", "tokens", "tokenIndex"],
  "6.2": ["offsets", "base", "count", "names", "markers", "byName", "tokens", "tokenIndex"],
  "6.4": ["count", "names", "markers", "tokens", "tokenIndex", "offsets", "base", "byName"],
} as const;

function compressed(symbols: readonly PlainSymbol[]): { readonly names: Uint8Array; readonly markers: number[] } {
  const names: number[] = [];
  const markers: number[] = [];
  symbols.forEach(({ kind, name }, index) => {
    if (index % 256 === 0) markers.push(names.length);
    const code = TOKENS.reduce((text, [byte, token]) => text.replaceAll(token, String.fromCharCode(byte)), kind + name);
    names.push(...(code.length < 0x80 ? [code.length] : [(code.length & 0x7f) | 0x80, code.length >> 7]));
    for (const character of code) names.push(character.charCodeAt(0));
  });
  return { names: Uint8Array.from(names), markers };
}

/** Printable characters stand for themselves; bytes that nothing uses have an empty token. */
function tokenTable(): { readonly strings: Uint8Array; readonly index: Uint8Array } {
  const strings: number[] = [];
  const index = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    index[byte] = strings.length;
    const own = byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "";
    const token = TOKENS.find(([at]) => at === byte)?.[1] ?? own;
    for (const character of token) strings.push(character.charCodeAt(0));
    strings.push(0);
  }
  return { strings: Uint8Array.from(strings), index: new Uint8Array(index.buffer) };
}

/** The numbers of the symbols, three bytes each, sorted by their names. */
function byName(symbols: readonly PlainSymbol[]): Uint8Array {
  const numbers = symbols.map((_, index) => index);
  numbers.sort((a, b) => ((symbols[a]?.name ?? "") < (symbols[b]?.name ?? "") ? -1 : 1));
  return Uint8Array.from(numbers.flatMap((number) => [number >> 16, (number >> 8) & 0xff, number & 0xff]));
}

const words = (values: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);

function aligned(parts: readonly Uint8Array[]): Uint8Array {
  const padded = parts.map((part) => {
    const whole = new Uint8Array(Math.ceil(part.length / 8) * 8);
    whole.set(part);
    return whole;
  });
  return Uint8Array.from(padded.flatMap((part) => [...part]));
}
