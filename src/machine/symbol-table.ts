/** Names for addresses: from the symbol tables of ELF files, and from a kernel's System.map. */
import { isElf, readElfSymbols } from "./elf.js";

export interface Symbol {
  readonly name: string;
  readonly address: bigint;
  /** 0: up to the next symbol. */
  readonly sizeBytes: bigint;
}

/** A symbol without a size, and with none behind it, ends somewhere. */
const FARTHEST_BYTES = 1n << 16n;

export class SymbolTable {
  private readonly symbols: readonly Symbol[];

  constructor(symbols: readonly Symbol[]) {
    this.symbols = [...symbols].sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  }

  get size(): number {
    return this.symbols.length;
  }

  /** The symbol that an address lies in. */
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
    const { sizeBytes } = symbol;
    return address - symbol.address < (sizeBytes === 0n ? FARTHEST_BYTES : sizeBytes) ? symbol : undefined;
  }
}

/** The functions and labels of an ELF file, or the text symbols of a System.map. @throws {ElfError} where an ELF file is damaged. */
export function readSymbols(bytes: Uint8Array, name: string): readonly Symbol[] {
  if (isElf(bytes)) return readElfSymbols(bytes, name).filter(({ kind }) => kind !== "object");
  return [...new TextDecoder("latin1").decode(bytes).matchAll(MAP_LINE)].map(([, address, symbol]) => ({
    ...{ name: symbol ?? "", address: BigInt(`0x${address ?? "0"}`), sizeBytes: 0n },
  }));
}

/** As `nm` prints it: address, kind (t or T is code, w or W a weak symbol), name. */
const MAP_LINE = /^([0-9a-f]{1,16}) [tTwW] (\S+)/gm;
