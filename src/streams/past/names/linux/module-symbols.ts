/** The symbols of a kernel's modules, from the tables that it keeps of them (`struct mod_kallsyms`). */
import type { Ram } from "../../../../machine/ram.js";
import type { Symbol } from "../../../../machine/symbol-table.js";
import { MAX_NAME_CHARACTERS } from "./kallsyms.js";
import type { KernelMemory } from "./kernel-memory.js";
import { kernelSymbol } from "./kernel-symbol.js";
import type { LinuxModule } from "./modules.js";
import { Remembered, type MemoryRange } from "./remembered.js";
import type { StructLayout } from "./struct-layout.js";

/** Of all modules together. */
export const MAX_MODULE_SYMBOLS = 1 << 18;

export interface ModuleSymbols {
  /** A list for each module that has some, in the order of its table. */
  readonly lists: readonly (readonly Symbol[])[];
  /** False: a table is not there or damaged, or there are too many symbols. */
  readonly isWhole: boolean;
}

export function moduleSymbols(
  memory: KernelMemory,
  layout: StructLayout,
  ram: Ram,
  modules: readonly LinuxModule[],
): ModuleSymbols {
  const lists: (readonly Symbol[])[] = [];
  let left = MAX_MODULE_SYMBOLS;
  let isWhole = true;
  for (const { address } of modules) {
    const table = tableOf(memory, layout, address);
    const symbols = table === undefined || table.count > left ? undefined : symbolsOf(memory, ram, table);
    if (table === undefined || symbols === undefined) isWhole = false;
    else {
      left -= table.count;
      lists.push(symbols);
    }
  }
  return { lists, isWhole };
}

interface ModuleTable {
  readonly symtab: bigint;
  readonly strtab: bigint;
  readonly typetab: bigint;
  readonly count: number;
}

/** Linux, include/linux/module.h. */
function tableOf(memory: KernelMemory, layout: StructLayout, module: bigint): ModuleTable | undefined {
  const pointer = layout.offset("module", "kallsyms");
  const table = pointer === undefined ? undefined : memory.u64(module + BigInt(pointer));
  if (table === undefined) return undefined;
  const [symtab, strtab, typetab, number] = ["symtab", "strtab", "typetab", "num_symtab"].map((member) => {
    const offset = layout.offset("mod_kallsyms", member);
    return offset === undefined ? undefined : memory.u64(table + BigInt(offset));
  });
  if (symtab === undefined || strtab === undefined || typetab === undefined || number === undefined) return undefined;
  return { symtab, strtab, typetab, count: Number(number & 0xffff_ffffn) };
}

/** Undefined: it is damaged. */
const symbolsOf = (memory: KernelMemory, ram: Ram, table: ModuleTable): readonly Symbol[] | undefined =>
  SYMBOLS.of(ram, memory.pagesOf, table.symtab, [table.strtab, table.typetab, table.count].join(" "), () =>
    readSymbols(memory, table),
  );

const SYMBOLS = new Remembered<readonly Symbol[] | undefined>();

/** Elf64_Sym */
const SYMBOL_BYTES = 24;
const UNDEFINED_SECTION = 0;

function readSymbols(
  memory: KernelMemory,
  { symtab, strtab, typetab, count }: ModuleTable,
): { readonly value: readonly Symbol[] | undefined; readonly ranges: readonly MemoryRange[] } {
  const table = { start: symtab, byteLength: SYMBOL_BYTES * count };
  const kinds = { start: typetab, byteLength: count };
  const bytes = memory.read(table.start, table.byteLength);
  const letters = memory.read(kinds.start, kinds.byteLength);
  if (bytes === undefined || letters === undefined) return { value: undefined, ranges: [table, kinds] };
  const view = new DataView(bytes.buffer);
  const symbols: Symbol[] = [];
  let nameBytes = 1;
  for (let index = 0; index < count; index += 1) {
    const at = SYMBOL_BYTES * index;
    const place = view.getUint32(at, true);
    const name = memory.text(strtab + BigInt(place), MAX_NAME_CHARACTERS);
    if (name === undefined) return { value: undefined, ranges: [table, kinds] };
    // The first one is empty; while a module is initialized, those are there too that it only uses.
    if (name === "" || view.getUint16(at + 6, true) === UNDEFINED_SECTION) continue;
    nameBytes = Math.max(nameBytes, place + name.length + 1);
    const kind = String.fromCharCode(letters[index] ?? 0);
    symbols.push(kernelSymbol(name, view.getBigUint64(at + 8, true), kind, view.getBigUint64(at + 16, true)));
  }
  return { value: symbols, ranges: [table, kinds, { start: strtab, byteLength: nameBytes }] };
}
