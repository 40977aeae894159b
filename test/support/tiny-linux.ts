// A Linux kernel that runs nothing: its image with symbols and types, mapped by a page table, with tasks and modules in
// memory as its types say. Built by hand from the kernel's headers, so that each part can be damaged.
import { initialState } from "../../src/machine/initial-state.js";
import { DRAM_BASE } from "../../src/machine/memory-map.js";
import { RAM_PAGE_BYTES, type RamPage } from "../../src/machine/ram.js";
import type { MachineState } from "../../src/machine/state.js";
import { BtfBytes } from "./btf-bytes.js";
import { kallsymsTables, type KallsymsOrder, type PlainSymbol } from "./kallsyms-tables.js";
import { spinning } from "./tiny-guests.js";

const MIB = 2 ** 20;
export const LINK_ADDRESS = 0xffff_ffff_8000_0000n;
const PHYSICAL = 2 * MIB;
const IMAGE_BYTES = 4 * MIB;
const RAM_BYTES = 8 * MIB;
const ROOT = 0x1_0000;
const MIDDLE = 0x1_1000;
const BTF_AT = 0x18_0000;
const TABLES_AT = 0x10_0000;
const HEAP_AT = 0x20_0000;
const POINTER_BYTES = 8;

/** Where symbols lie in the image. */
export const AT = {
  _start: 0,
  handle_exception: 0x1000,
  ret_from_exception: 0x1400,
  vfs_read: 0x2000,
  memcpy: 0x3000,
  init_task: 0x1_0000,
  modules: 0x1_1000,
  btf_modules: 0x1_1010,
  jiffies: 0x1_1020,
  __per_cpu_offset: 0x1_2000,
  runqueues: 0x1_3000,
} as const;

/** Offsets of members, in bytes. */
export const TASK = { cpu: 8, tasks: 32, pid: 48, tgid: 52, comm: 56, signal: 72, thread_node: 80, bytes: 96 } as const;
export const MODULE = { state: 0, list: 8, name: 24, mem: 80, kallsyms: 144, bytes: 160 } as const;

export interface TinyLinuxOptions {
  readonly order?: KallsymsOrder;
  /** By how many times 2 MiB it is moved. */
  readonly moved?: number;
  readonly harts?: number;
  /** Instead of the image's own. */
  readonly tables?: (whole: Uint8Array) => Uint8Array;
}

export class TinyLinux {
  readonly virtual: bigint;
  readonly btf = kernelTypes();
  readonly ram = new Uint8Array(RAM_BYTES);
  readonly image = this.ram.subarray(PHYSICAL, PHYSICAL + IMAGE_BYTES);
  private readonly view = new DataView(this.ram.buffer);
  private heap = HEAP_AT;
  private readonly harts: number;
  /** By hart: registers that are not those of the first task in the kernel. */
  readonly registers = new Map<
    number,
    { x?: Readonly<Record<number, bigint>>; fields?: Readonly<Record<string, bigint>> }
  >();

  constructor({ order = "6.4", moved = 0, harts = 1, tables = (whole) => whole }: TinyLinuxOptions = {}) {
    this.virtual = LINK_ADDRESS + BigInt(moved) * BigInt(2 * MIB);
    this.harts = harts;
    this.map(moved);
    const header = new DataView(this.image.buffer, this.image.byteOffset, 64);
    header.setBigUint64(8, BigInt(PHYSICAL), true);
    header.setBigUint64(16, BigInt(IMAGE_BYTES), true);
    header.setUint32(56, 0x0543_5352, true);
    this.image.set(tables(kallsymsTables(this.symbols(), order)), TABLES_AT);
    this.image.set(this.btf.bytes(), BTF_AT);
    this.emptyList(this.address("modules"));
    this.emptyList(this.address("btf_modules"));
    this.place(this.address("init_task"), 0, 0, "swapper");
    this.emptyList(this.address("init_task") + BigInt(TASK.tasks));
  }

  address(name: keyof typeof AT): bigint {
    return this.virtual + BigInt(AT[name]);
  }

  /** A process, or a thread of one, as fork leaves it. */
  addTask(pid: number, comm: string, leader?: bigint): bigint {
    const task = this.allocate(TASK.bytes);
    const tgid = leader === undefined ? pid : this.u32(leader + BigInt(TASK.tgid));
    this.place(task, pid, tgid, comm);
    if (leader === undefined) {
      const signal = this.allocate(2 * POINTER_BYTES);
      this.emptyList(signal);
      this.setU64(task + BigInt(TASK.signal), signal);
      this.append(this.address("init_task") + BigInt(TASK.tasks), task + BigInt(TASK.tasks));
    } else this.setU64(task + BigInt(TASK.signal), this.u64(leader + BigInt(TASK.signal)));
    this.append(this.u64(task + BigInt(TASK.signal)), task + BigInt(TASK.thread_node));
    return task;
  }

  /** With symbols: name, kind, offset in its code, section. */
  addModule(name: string, symbols: readonly (readonly [string, string, number, number?])[]): bigint {
    const module = this.allocate(MODULE.bytes);
    const code = this.allocate(0x1000);
    this.set(module + BigInt(MODULE.name), new TextEncoder().encode(`${name}\0`));
    this.setU64(module + BigInt(MODULE.mem), code);
    this.setU32(module + BigInt(MODULE.mem + 8), 0x1000);
    const [symtab, strtab, typetab] = [24 * symbols.length, 0x1000, symbols.length].map((size) => this.allocate(size));
    let nameAt = 1;
    symbols.forEach(([symbol, kind, offset, section = 1], index) => {
      const at = (symtab ?? 0n) + BigInt(24 * index);
      this.setU32(at, nameAt);
      this.set((strtab ?? 0n) + BigInt(nameAt), new TextEncoder().encode(`${symbol}\0`));
      nameAt += symbol.length + 1;
      this.set(at + 6n, Uint8Array.of(section));
      this.setU64(at + 8n, code + BigInt(offset));
      this.setU64(at + 16n, 16n);
      this.set((typetab ?? 0n) + BigInt(index), new TextEncoder().encode(kind));
    });
    const table = this.allocate(32);
    [symtab, BigInt(symbols.length), strtab, typetab].forEach((value, index) => {
      this.setU64(table + BigInt(8 * index), value ?? 0n);
    });
    this.setU64(module + BigInt(MODULE.kallsyms), table);
    this.append(this.address("modules"), module + BigInt(MODULE.list));
    return module;
  }

  addModuleTypes(own: BtfBytes): void {
    const bytes = own.bytes();
    const [data, object, entry] = [bytes.length, 16, 24].map((size) => this.allocate(size)) as [bigint, bigint, bigint];
    this.set(data, bytes);
    this.setU64(object, data);
    this.setU32(object + 8n, bytes.length);
    this.setU64(entry + 16n, object);
    this.append(this.address("btf_modules"), entry);
  }

  allocate(byteLength: number): bigint {
    const address = this.virtual + BigInt(this.heap);
    this.heap += Math.ceil(byteLength / 16) * 16;
    if (this.heap > IMAGE_BYTES) throw new Error("the kernel's memory is used up");
    return address;
  }

  set(address: bigint, bytes: Uint8Array): void {
    this.image.set(bytes, Number(address - this.virtual));
  }

  setU64(address: bigint, value: bigint): void {
    this.view.setBigUint64(this.offset(address), BigInt.asUintN(64, value), true);
  }

  setU32(address: bigint, value: number): void {
    this.view.setUint32(this.offset(address), value, true);
  }

  u64(address: bigint): bigint {
    return this.view.getBigUint64(this.offset(address), true);
  }

  u32(address: bigint): number {
    return this.view.getUint32(this.offset(address), true);
  }

  /** `pages` of an earlier state: those that are the same are shared, as between states of one machine. */
  state(before?: MachineState): MachineState {
    const bare = atReset(this.harts);
    const pages = Array.from({ length: RAM_BYTES / RAM_PAGE_BYTES }, (_, index): [number, RamPage | undefined] => {
      const bytes = this.ram.slice(index * RAM_PAGE_BYTES, (index + 1) * RAM_PAGE_BYTES);
      const old = before?.ram.page(index);
      if (old !== undefined && Buffer.compare(old.bytes, bytes) === 0) return [index, old];
      return [index, Buffer.compare(bytes, ZEROS) === 0 ? undefined : { bytes, digest: 0n }];
    });
    const satp = (8n << 60n) | BigInt((DRAM_BASE + ROOT) / RAM_PAGE_BYTES);
    const harts = bare.harts.map((hart, index) => {
      const { x = {}, fields = {} } = this.registers.get(index) ?? {};
      return {
        ...hart,
        x: hart.x.map((value, register) => x[register] ?? (register === 4 ? this.address("init_task") : value)),
        fields: { ...hart.fields, satp, privilege: 1n, pc: this.address("vfs_read"), ...fields },
      };
    });
    return { ...bare, harts, ram: bare.ram.with(pages) };
  }

  private symbols(): readonly PlainSymbol[] {
    return Object.entries(AT).map(([name, offset]) => ({
      name,
      kind: offset >= AT.init_task ? "D" : "T",
      address: LINK_ADDRESS + BigInt(offset),
    }));
  }

  /** Two leaves of 2 MiB. */
  private map(moved: number): void {
    const table = (offset: number): bigint => BigInt((DRAM_BASE + offset) / RAM_PAGE_BYTES) << 10n;
    this.view.setBigUint64(ROOT + 8 * 510, table(MIDDLE) | 1n, true);
    for (let leaf = 0; leaf < 2; leaf += 1) {
      this.view.setBigUint64(MIDDLE + 8 * (moved + leaf), table(PHYSICAL + leaf * 2 * MIB) | 0xcfn, true);
    }
  }

  private place(task: bigint, pid: number, tgid: number, comm: string): void {
    this.setU32(task + BigInt(TASK.pid), pid);
    this.setU32(task + BigInt(TASK.tgid), tgid);
    this.set(task + BigInt(TASK.comm), new TextEncoder().encode(comm.slice(0, 15)));
  }

  private emptyList(head: bigint): void {
    this.setU64(head, head);
    this.setU64(head + 8n, head);
  }

  private append(head: bigint, node: bigint): void {
    const last = this.u64(head + 8n);
    this.setU64(node, head);
    this.setU64(node + 8n, last);
    this.setU64(last, node);
    this.setU64(head + 8n, node);
  }

  private offset(address: bigint): number {
    return PHYSICAL + Number(address - this.virtual);
  }
}

const ZEROS = new Uint8Array(RAM_PAGE_BYTES);

const atReset = (harts: number): MachineState =>
  initialState(
    { memoryBytes: RAM_BYTES, harts, shift: 0, append: null, rngSeed: "", virtio: [] },
    { kernel: spinning() },
  );

/** The structures that are walked, smaller than the real ones. */
function kernelTypes(): BtfBytes {
  const btf = new BtfBytes();
  const long = btf.int("long unsigned int", 8);
  const int = btf.int("int", 4, 1);
  const unsigned = btf.int("unsigned int", 4);
  const pointer = btf.pointer(0);
  const list = btf.struct("list_head", 16, [
    ["next", pointer, 0],
    ["prev", pointer, 8],
  ]);
  const threadInfo = btf.struct("thread_info", 32, [["cpu", int, TASK.cpu]]);
  btf.struct("task_struct", TASK.bytes, [
    ["thread_info", threadInfo, 0],
    ["tasks", list, TASK.tasks],
    ["pid", int, TASK.pid],
    ["tgid", int, TASK.tgid],
    ["comm", btf.array(btf.int("char", 1), 16), TASK.comm],
    ["signal", pointer, TASK.signal],
    ["thread_node", list, TASK.thread_node],
  ]);
  btf.struct("signal_struct", 16, [["thread_head", list, 0]]);
  const memory = btf.struct("module_memory", 16, [
    ["base", pointer, 0],
    ["size", unsigned, 8],
  ]);
  btf.struct("module", MODULE.bytes, [
    ["state", int, MODULE.state],
    ["list", list, MODULE.list],
    ["name", btf.array(btf.int("char", 1), 56), MODULE.name],
    ["mem", btf.array(memory, 4), MODULE.mem],
    ["kallsyms", pointer, MODULE.kallsyms],
  ]);
  btf.struct("mod_kallsyms", 32, [
    ["symtab", pointer, 0],
    ["num_symtab", unsigned, 8],
    ["strtab", pointer, 16],
    ["typetab", pointer, 24],
  ]);
  btf.struct("btf_module", 24, [
    ["list", list, 0],
    ["btf", pointer, 16],
  ]);
  btf.struct("btf", 16, [
    ["data", pointer, 0],
    ["data_size", unsigned, 8],
  ]);
  btf.func("vfs_read", long, [
    ["file", pointer],
    ["count", long],
  ]);
  const runqueues = btf.add(14, "runqueues", btf.struct("rq", 8, [["nr_running", int, 0]]), 0, false, [1]);
  btf.add(15, ".data..percpu", 8, 1, false, [runqueues, 0, 8]);
  return btf;
}
