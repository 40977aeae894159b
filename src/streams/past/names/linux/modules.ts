/** The modules that a kernel has loaded, by its own list. */
import type { KernelMemory } from "./kernel-memory.js";
import { walkList } from "./linked-list.js";
import type { MemoryRange } from "./remembered.js";
import type { StructLayout } from "./struct-layout.js";

export interface LinuxModule {
  readonly name: string;
  /** Of its `struct module`. */
  readonly address: bigint;
  /** Where its code and data lie. */
  readonly ranges: readonly MemoryRange[];
}

export interface LinuxModules {
  /** The newest first. */
  readonly modules: readonly LinuxModule[];
  /** False: the list was damaged, or under change, or there are more; what is there is true. */
  readonly isWhole: boolean;
}

export const MAX_MODULES = 4096;
const NAME_BYTES = 56;
/** MODULE_STATE_UNFORMED: Linux, include/linux/module.h. */
const UNFORMED = 3;

/** `modules`: the address of the list's head. Empty too where the kernel does not tell how it keeps them. */
export function listModules(memory: KernelMemory, layout: StructLayout, modules: bigint): LinuxModules {
  const [list, name] = [layout.offset("module", "list"), layout.offset("module", "name")];
  if (list === undefined || name === undefined) return { modules: [], isWhole: false };
  const { entries, isWhole } = walkList(memory, modules, list, MAX_MODULES);
  const found = entries.flatMap((address) => {
    const text = memory.text(address + BigInt(name), NAME_BYTES);
    const state = layout.offset("module", "state");
    const isUnformed = state !== undefined && memory.u32(address + BigInt(state)) === UNFORMED;
    return text === undefined || isUnformed ? [] : [{ name: text, address, ranges: rangesOf(memory, layout, address) }];
  });
  return { modules: found, isWhole };
}

/** Since 6.4 an array of `module_memory`, before that two layouts. */
function rangesOf(memory: KernelMemory, layout: StructLayout, module: bigint): LinuxModule["ranges"] {
  const parts = layout.offset("module", "mem");
  const length = layout.lengthOf("module", "mem");
  const stride = layout.bytes("module_memory");
  const [structure, starts] =
    parts === undefined || length === undefined || stride === undefined
      ? ["module_layout", [layout.offset("module", "core_layout"), layout.offset("module", "init_layout")]]
      : ["module_memory", Array.from({ length: Math.min(length, MAX_PARTS) }, (_, index) => parts + stride * index)];
  const [base, size] = [layout.offset(structure, "base"), layout.offset(structure, "size")];
  if (base === undefined || size === undefined) return [];
  return starts.flatMap((part) => {
    const start = part === undefined ? undefined : memory.u64(module + BigInt(part + base));
    const byteLength = part === undefined ? undefined : memory.u32(module + BigInt(part + size));
    return start === undefined || start === 0n || byteLength === undefined || byteLength === 0
      ? []
      : [{ start, byteLength }];
  });
}

/** 7 in Linux 6.12. */
export const MAX_PARTS = 64;
