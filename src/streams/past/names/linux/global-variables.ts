/**
 * The types of a kernel's global variables. BTF tells them for per-cpu variables alone; for some others they are so
 * well known that they are written down here.
 */
import type { Type } from "../type.js";
import type { BtfTypes } from "./btf-types.js";

/** Undefined: not known, or this kernel has no such type. */
export function globalVariableType(types: BtfTypes, name: string): Type | undefined {
  const declaration = Object.hasOwn(WELL_KNOWN, name) ? WELL_KNOWN[name] : undefined;
  if (declaration === undefined) return undefined;
  const { base = "", suffix = "" } = DECLARATION.exec(declaration)?.groups ?? {};
  const type = types.named(base);
  if (type === undefined) return undefined;
  if (suffix === "*") return { kind: "pointer", bytes: POINTER_BYTES, target: () => type };
  return suffix === "[]" ? { kind: "array", element: () => type, length: undefined } : type;
}

const POINTER_BYTES = 8;
const DECLARATION = /^(?<base>.*?) ?(?<suffix>\*|\[\]|)$/;

/** As the kernel's headers declare them, from 5.15 on. */
const WELL_KNOWN: Readonly<Record<string, string>> = {
  __per_cpu_offset: "long unsigned int[]",
  boot_command_line: "char[]",
  btf_modules: "struct list_head",
  cgroup_roots: "struct list_head",
  init_cred: "struct cred",
  init_mm: "struct mm_struct",
  init_net: "struct net",
  init_nsproxy: "struct nsproxy",
  init_pid_ns: "struct pid_namespace",
  init_task: "struct task_struct",
  init_user_ns: "struct user_namespace",
  init_uts_ns: "struct uts_namespace",
  iomem_resource: "struct resource",
  jiffies: "long unsigned int",
  jiffies_64: "u64",
  kernel_map: "struct kernel_mapping",
  linux_banner: "char[]",
  memblock: "struct memblock",
  modules: "struct list_head",
  nr_cpu_ids: "unsigned int",
  nr_threads: "int",
  panic_timeout: "int",
  root_task_group: "struct task_group",
  saved_command_line: "char *",
  slab_caches: "struct list_head",
  super_blocks: "struct list_head",
  swapper_pg_dir: "pgd_t[]",
  system_state: "enum system_states",
  total_forks: "long unsigned int",
};
