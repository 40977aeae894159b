/** The symbols of a kernel's modules, from the tables that it keeps of them (`struct mod_kallsyms`). */
import type { Ram } from "../../../../machine/ram.js";
import type { Symbol } from "../../../../machine/symbol-table.js";
import { MAX_NAME_CHARACTERS } from "./kallsyms.js";
import type { KernelMemory } from "./kernel-memory.js";
import { kernelSymbol } from "./kernel-symbol.js";
import type { LinuxModule } from "./modules.js";
import { Remembered, type MemoryRange } from "./remembered.js";
import type { StructLayout } from "./struct-layout.js";

/** Of all modules together. Those of RISC-V keep their compiler's labels: ext4 alone has 200,000. */
export const MAX_MODULE_SYMBOLS = 1 << 21;
/** Of all modules together. */
export const MAX_MODULE_NAME_BYTES = 1 << 25;

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
  let [symbolsLeft, nameBytesLeft] = [MAX_MODULE_SYMBOLS, MAX_MODULE_NAME_BYTES];
  let isWhole = true;
  for (const { address } of modules) {
    const table = tableOf(memory, layout, address);
    const isRead = table !== undefined && table.count <= symbolsLeft && nameBytesLeft > 0;
    const read = isRead ? symbolsOf(memory, ram, table) : undefined;
    symbolsLeft -= isRead ? table.count : 0;
    nameBytesLeft -= read?.nameBytes ?? 0;
    if (read === undefined || nameBytesLeft < 0) isWhole = false;
    else lists.push(read.symbols);
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
const symbolsOf = (memory: KernelMemory, ram: Ram, table: ModuleTable): NamedSymbols | undefined =>
  SYMBOLS.of(ram, memory.pagesOf, table.symtab, [table.strtab, table.typetab, table.count].join(" "), () =>
    readSymbols(memory, table),
  );

interface NamedSymbols {
  readonly symbols: readonly Symbol[];
  /** That their names were read from. */
  readonly nameBytes: number;
}

const SYMBOLS = new Remembered<NamedSymbols | undefined>();

/** Elf64_Sym */
const SYMBOL_BYTES = 24;
const UNDEFINED_SECTION = 0;
/** The kernel does not look them up either: is_mapping_symbol() in include/linux/module_symbol.h. */
const MARKS = /^(?:\.L|L0|\$)/;

interface Read {
  readonly value: NamedSymbols | undefined;
  readonly ranges: readonly MemoryRange[];
}

function readSymbols(memory: KernelMemory, { symtab, strtab, typetab, count }: ModuleTable): Read {
  const table = { start: symtab, byteLength: SYMBOL_BYTES * count };
  const kinds = { start: typetab, byteLength: count };
  const bytes = memory.read(table.start, table.byteLength);
  const letters = memory.read(kinds.start, kinds.byteLength);
  if (bytes === undefined || letters === undefined) return { value: undefined, ranges: [table, kinds] };
  const view = new DataView(bytes.buffer);
  let lastName = 0;
  for (let index = 0; index < count; index += 1)
    lastName = Math.max(lastName, view.getUint32(SYMBOL_BYTES * index, true));
  const names = namesUpTo(memory, strtab, lastName);
  const ranges = [table, kinds, { start: strtab, byteLength: names?.length ?? 1 }];
  if (names === undefined) return { value: undefined, ranges };
  const symbols: Symbol[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = SYMBOL_BYTES * index;
    const nameAt = view.getUint32(at, true);
    const name = names.slice(nameAt, Math.min(names.indexOf("\0", nameAt), nameAt + MAX_NAME_CHARACTERS));
    // The first one has no name. While a module is initialized, those are there too that it only uses.
    if (name === "" || view.getUint16(at + 6, true) === UNDEFINED_SECTION || MARKS.test(name)) continue;
    const kind = String.fromCharCode(letters[index] ?? 0);
    symbols.push(kernelSymbol(name, view.getBigUint64(at + 8, true), kind, view.getBigUint64(at + 16, true)));
  }
  return { value: { symbols, nameBytes: names.length }, ranges };
}

/** All names, the last one of which begins at `last`. Undefined: they are not all there, or too long. */
function namesUpTo(memory: KernelMemory, strtab: bigint, last: number): string | undefined {
  if (last >= MAX_MODULE_NAME_BYTES) return undefined;
  const end = memory.text(strtab + BigInt(last), MAX_NAME_CHARACTERS);
  const bytes = end === undefined ? undefined : memory.read(strtab, last + end.length + 1);
  return bytes === undefined ? undefined : new TextDecoder("latin1").decode(bytes);
}
