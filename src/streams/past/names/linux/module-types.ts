/** What modules know of types beyond those of their kernel: split BTF, by the kernel's own list of it. */
import type { Ram } from "../../../../machine/ram.js";
import { BtfSection } from "./btf-section.js";
import { BtfTypes } from "./btf-types.js";
import type { KernelMemory } from "./kernel-memory.js";
import { walkList } from "./linked-list.js";
import { MAX_MODULES } from "./modules.js";
import { Remembered, type MemoryRange } from "./remembered.js";
import type { StructLayout } from "./struct-layout.js";

/** Of all modules together: those of Debian's kernel have 40 MB, of which few are loaded. */
export const MAX_MODULE_BTF_BYTES = 1 << 26;

export interface KernelTypes {
  readonly section: BtfSection;
  readonly types: BtfTypes;
}

export interface ModuleTypes {
  readonly types: readonly BtfTypes[];
  /** False: the list or one of them is damaged, or they are too large. */
  readonly isWhole: boolean;
}

/** `list`: the address of `btf_modules`, of whose entries each has a `struct btf` (Linux, kernel/bpf/btf.c). */
export function moduleTypes(
  memory: KernelMemory,
  layout: StructLayout,
  ram: Ram,
  list: bigint,
  kernel: KernelTypes,
): ModuleTypes {
  const node = layout.offset("btf_module", "list");
  if (node === undefined) return { types: [], isWhole: false };
  const walked = walkList(memory, list, node, MAX_MODULES);
  let { isWhole } = walked;
  let left = MAX_MODULE_BTF_BYTES;
  const types: BtfTypes[] = [];
  for (const entry of walked.entries) {
    const range = rangeOf(memory, layout, entry);
    const isRead = range !== undefined && range.byteLength <= left;
    const read = isRead ? typesIn(memory, ram, range, kernel) : undefined;
    left -= isRead ? range.byteLength : 0;
    if (read === undefined) isWhole = false;
    else types.push(read);
  }
  return { types, isWhole };
}

function rangeOf(memory: KernelMemory, layout: StructLayout, entry: bigint): MemoryRange | undefined {
  const pointer = layout.offset("btf_module", "btf");
  const data = layout.offset("btf", "data");
  const size = layout.offset("btf", "data_size");
  const object = pointer === undefined ? undefined : memory.u64(entry + BigInt(pointer));
  if (object === undefined || data === undefined || size === undefined) return undefined;
  const start = memory.u64(object + BigInt(data));
  const byteLength = memory.u32(object + BigInt(size));
  return start === undefined || byteLength === undefined ? undefined : { start, byteLength };
}

function typesIn(memory: KernelMemory, ram: Ram, range: MemoryRange, kernel: KernelTypes): BtfTypes | undefined {
  return TYPES.of(ram, memory.pagesOf, range.start, String(range.byteLength), () => {
    const bytes = memory.read(range.start, range.byteLength);
    const section = bytes === undefined ? undefined : BtfSection.read(bytes, kernel.section);
    return { value: section === undefined ? undefined : new BtfTypes(section, kernel.types), ranges: [range] };
  });
}

const TYPES = new Remembered<BtfTypes | undefined>();
