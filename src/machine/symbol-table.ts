/** Names for addresses, from the symbol tables of ELF files and from a kernel's System.map. */
import { check } from "../options/check.js";
import { bytes as aUint8Array, exactly, text } from "../options/codecs.js";
import { symbols as someSymbols } from "../options/parts.js";
import { isElf, readElfSymbols, type ElfSymbol } from "./elf.js";

export interface Symbol {
  readonly name: string;
  readonly address: bigint;
  /** 0: the symbol reaches to the next one. */
  readonly sizeBytes: bigint;
  readonly kind: ElfSymbol["kind"];
}

/** Whether the symbol can name code. */
export const isCode = ({ kind }: Symbol): boolean => kind !== "object";

/**
 * Of several at one address, the last is the one that is meant. Where they mean the same, that is the first one given,
 * as the kernel has it (get_symbol_pos() in kernel/kallsyms.c).
 */
export const byAddress = (symbols: readonly Symbol[]): readonly Symbol[] =>
  [...symbols]
    .reverse()
    .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : meaning(a) - meaning(b)));

/** What has a type and a size is surely there; what only marks where a section or a block begins is there by chance. */
function meaning({ name, kind, sizeBytes }: Symbol): number {
  if (sizeBytes > 0n) return 3;
  if (MARK.test(name)) return 0;
  return kind === "label" ? 1 : 2;
}

/** `__noinstr_text_end`, `_etext`, `__init_begin`, as linker scripts name bounds; `.L12` and `$x` of assemblers. */
const MARK = /^_(?:end|.*(?:_start|_end|_begin|text))$|\.L|\$/;

/** `__bss_end`, `_etext`, `_end`: what lies behind a bound is not its own. */
const END_MARK = /^_(?:.*_)?(?:end|etext|edata)$/;

/** The assumed reach of a symbol without a size that has no symbol after it. */
const FARTHEST_BYTES = 1n << 16n;

const FILE = exactly<{ readonly bytes: Uint8Array; readonly name: string }>({ bytes: aUint8Array, name: text });
const SYMBOLS = exactly<{ readonly symbols: readonly Symbol[] }>({ symbols: someSymbols });

export class SymbolTable {
  private readonly symbols: readonly Symbol[];

  constructor(symbols: readonly Symbol[]) {
    check("SymbolTable", SYMBOLS, { symbols });
    this.symbols = byAddress(symbols);
  }

  get size(): number {
    return this.symbols.length;
  }

  /** The symbol that contains an address; undefined: none. */
  find(address: bigint): Symbol | undefined {
    let low = 0;
    let high = this.symbols.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.symbols[middle]?.address ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    const symbol = this.symbols[low - 1];
    if (symbol === undefined) return undefined;
    return address - symbol.address < reachOf(symbol) ? symbol : undefined;
  }
}

function reachOf({ name, sizeBytes }: Symbol): bigint {
  if (sizeBytes > 0n) return sizeBytes;
  return END_MARK.test(name) ? 1n : FARTHEST_BYTES;
}

/** The functions, objects and labels of an ELF file or a System.map. @throws {ElfError} if an ELF file is damaged. */
export function readSymbols(bytes: Uint8Array, name: string): readonly Symbol[] {
  check("readSymbols", FILE, { bytes, name });
  if (isElf(bytes)) return readElfSymbols(bytes, name);
  return [...new TextDecoder("latin1").decode(bytes).matchAll(MAP_LINE)].map(([, address, kind = "", symbol]) => ({
    name: symbol ?? "",
    address: BigInt(`0x${address ?? "0"}`),
    sizeBytes: 0n,
    kind: CODE_KINDS.test(kind) ? "function" : "object",
  }));
}

/** A line as `nm` prints it: address, kind (text, weak, data, bss, read-only, small data and bss), name. */
const MAP_LINE = /^([0-9a-f]{1,16}) ([tTwWdDbBrRgGsSvV]) (\S+)/gm;
const CODE_KINDS = /[tTwW]/;
