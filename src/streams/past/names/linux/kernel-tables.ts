/** What a kernel's image says by itself, wherever it was moved to: its symbols and its types. */
import { DRAM_BASE } from "../../../../machine/memory-map.js";
import { RAM_PAGE_BYTES, type Ram } from "../../../../machine/ram.js";
import type { Symbol } from "../../../../machine/symbol-table.js";
import { BtfSection, findBtf } from "./btf-section.js";
import { BtfTypes } from "./btf-types.js";
import { readKallsyms, type Kallsyms } from "./kallsyms.js";
import { isCodeKind, kernelSymbol } from "./kernel-symbol.js";
import type { KernelPlace } from "./kernel-place.js";
import { Remembered, type MemoryRange } from "./remembered.js";
import { StructLayout } from "./struct-layout.js";

/** Of a kernel in memory, else of its file. Undefined: neither has tables that fit together. */
export function kernelTables(ram: Ram, place: KernelPlace, image: Uint8Array | undefined): KernelTables | undefined {
  const { physical, byteLength } = place;
  const inMemory = FROM_MEMORY.of(ram, physicalPages, physical, String(byteLength), () => {
    const read = readTables(ram.read(Number(physical) - DRAM_BASE, byteLength));
    const ranges = (read?.ranges ?? [{ start: 0, end: byteLength }]).map(({ start, end }) => ({
      start: physical + BigInt(start),
      byteLength: end - start,
    }));
    return { value: read?.tables, ranges: [{ start: physical, byteLength: 1 }, ...ranges] };
  });
  if (inMemory !== undefined || image === undefined) return inMemory;
  if (!FROM_IMAGES.has(image)) FROM_IMAGES.set(image, readTables(image)?.tables);
  return FROM_IMAGES.get(image);
}

function physicalPages({ start, byteLength }: MemoryRange): readonly number[] {
  const offset = Number(start) - DRAM_BASE;
  const first = Math.floor(offset / RAM_PAGE_BYTES);
  return Array.from({ length: Math.ceil((offset + byteLength) / RAM_PAGE_BYTES) - first }, (_, index) => first + index);
}

export class KernelTables {
  readonly layout: StructLayout | undefined;
  /** Symbols are counted from the first of them, which may lie behind the image's start. */
  private readonly imageOffset: number;
  private placed: { readonly virtual: bigint; readonly symbols: readonly Symbol[] } | undefined;
  private joined: { readonly parts: readonly (readonly Symbol[])[]; readonly symbols: readonly Symbol[] } | undefined;
  private byName: ReadonlyMap<string, number> | undefined;

  constructor(
    private readonly kallsyms: Kallsyms,
    readonly section: BtfSection | undefined,
    readonly types: BtfTypes | undefined,
  ) {
    this.imageOffset = kallsyms.offsets[kallsyms.names.findIndex((name) => IMAGE_START.has(name))] ?? 0;
    this.layout = types === undefined ? undefined : new StructLayout(types);
  }

  /** Of a kernel whose image begins at `virtual`, by address, and then the others. */
  symbolsWith(virtual: bigint, others: readonly (readonly Symbol[])[]): readonly Symbol[] {
    const own = this.symbolsAt(virtual);
    if (others.length === 0) return own;
    const parts = [own, ...others];
    if (this.joined?.parts.length !== parts.length || parts.some((part, index) => part !== this.joined?.parts[index])) {
      this.joined = { parts, symbols: parts.flat() };
    }
    return this.joined.symbols;
  }

  /** The symbol of code at an address, or the nearest before it. */
  functionAt(virtual: bigint, address: bigint): { readonly name: string; readonly start: bigint } | undefined {
    const { names, kinds, offsets } = this.kallsyms;
    const base = virtual - BigInt(this.imageOffset);
    const wanted = Number(address - base);
    let low = 0;
    let high = offsets.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((offsets[middle] ?? 0) <= wanted) low = middle + 1;
      else high = middle;
    }
    let index = low - 1;
    while (index >= 0 && !isCodeKind(kinds[index] ?? "")) index -= 1;
    const name = names[index];
    return name === undefined ? undefined : { name, start: base + BigInt(offsets[index] ?? 0) };
  }

  private symbolsAt(virtual: bigint): readonly Symbol[] {
    if (this.placed?.virtual !== virtual) {
      const { names, kinds, offsets } = this.kallsyms;
      const base = virtual - BigInt(this.imageOffset);
      const symbols = names.map((name, index) =>
        kernelSymbol(name, base + BigInt(offsets[index] ?? 0), kinds[index] ?? ""),
      );
      this.placed = { virtual, symbols };
    }
    return this.placed.symbols;
  }

  /** Of the symbol with that name, from the start of the image; undefined: none has it, or several have. */
  offsetOf(name: string): number | undefined {
    this.byName ??= offsetsByName(this.kallsyms);
    const offset = this.byName.get(name);
    return offset === undefined || Number.isNaN(offset) ? undefined : offset - this.imageOffset;
  }
}

const IMAGE_START = new Set(["_start", "_text"]);

const FROM_MEMORY = new Remembered<KernelTables | undefined>();
const FROM_IMAGES = new WeakMap<Uint8Array, KernelTables | undefined>();

interface Read {
  readonly tables: KernelTables;
  /** The bytes that they were read from. */
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

function readTables(bytes: Uint8Array): Read | undefined {
  const kallsyms = readKallsyms(bytes);
  if (kallsyms === undefined) return undefined;
  const btf = findBtf(bytes);
  // The types are read when they are asked for: their bytes stay, and not all of the kernel with them.
  const section = btf === undefined ? undefined : BtfSection.read(btf.slice());
  const types = section === undefined ? undefined : new BtfTypes(section);
  const start = btf === undefined ? 0 : btf.byteOffset - bytes.byteOffset;
  return {
    tables: new KernelTables(kallsyms, section, types),
    ranges: [kallsyms, { start, end: start + (btf?.byteLength ?? 0) }],
  };
}

/** NaN: several have the name. */
function offsetsByName({ names, offsets }: Kallsyms): ReadonlyMap<string, number> {
  const byName = new Map<string, number>();
  names.forEach((name, index) => {
    const offset = offsets[index] ?? 0;
    byName.set(name, byName.has(name) && byName.get(name) !== offset ? Number.NaN : offset);
  });
  return byName;
}
