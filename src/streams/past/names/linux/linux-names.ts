/** The names of a stock Linux kernel without a debug package: from its own symbols and types, as they lie in memory. */
import { aState } from "../../../../options/parts.js";
import { check } from "../../../../options/check.js";
import { bytes, exactly, maybe } from "../../../../options/codecs.js";
import type { Inspected } from "../../../../machine/inspect.js";
import type { MachineState } from "../../../../machine/state.js";
import { isCode, type Symbol } from "../../../../machine/symbol-table.js";
import type { FrameReader, Location, NameSource, UnwindRules, Variable } from "../name-source.js";
import type { FunctionType, Type } from "../type.js";
import type { BtfTypes } from "./btf-types.js";
import { globalVariableType } from "./global-variables.js";
import { isKernelAddress, KernelMemory } from "./kernel-memory.js";
import { findKernel, kernelView, type KernelPlace } from "./kernel-place.js";
import { kernelTables, type KernelTables } from "./kernel-tables.js";
import { moduleSymbols, type ModuleSymbols } from "./module-symbols.js";
import { moduleTypes, type ModuleTypes } from "./module-types.js";
import { listModules, type LinuxModule, type LinuxModules } from "./modules.js";
import { schedulingMembers, type SchedulingMembers } from "./scheduling.js";
import {
  currentAddressIn,
  currentTask,
  listTasks,
  taskMembers,
  type LinuxTask,
  type LinuxTasks,
  type TaskMembers,
} from "./tasks.js";
import { kernelUnwindRules } from "./unwinding.js";

const GIVEN = exactly<{ readonly state: MachineState; readonly image: Uint8Array | undefined }>({
  state: aState,
  image: maybe(bytes),
});

/**
 * Undefined: no Linux kernel is there, or not yet, or its symbols are damaged. `image`: the file that was booted, for
 * where they are damaged in memory.
 */
export function linuxNames(state: MachineState, image?: Uint8Array): LinuxNames | undefined {
  check("linuxNames", GIVEN, { state, image });
  const place = findKernel(state);
  const tables = place === undefined ? undefined : kernelTables(state.ram, place, image);
  return place === undefined || tables === undefined ? undefined : new LinuxNames(state, place, tables);
}

/** Of one state: modules come and go. Tasks can be asked of any state of the same boot. */
export class LinuxNames implements NameSource {
  readonly title = "the kernel";
  private readonly memory: KernelMemory | undefined;
  private listed: LinuxModules | undefined;
  private named: ModuleSymbols | undefined;
  private typed: ModuleTypes | undefined;

  /** @internal */
  constructor(
    private readonly state: MachineState,
    /** Where it runs: a kernel with KASLR is moved. */
    readonly place: KernelPlace,
    private readonly tables: KernelTables,
  ) {
    this.memory = memoryOf(state, place);
  }

  /** Of the kernel by address, then of each module; the same list where nothing was loaded in between. */
  symbols(): readonly Symbol[] {
    return this.tables.symbolsWith(this.place.virtual, this.moduleSymbols.lists);
  }

  typeNamed(name: string): Type | undefined {
    return this.inTypes((types) => types.named(name));
  }

  functionType(name: string): FunctionType | undefined {
    return this.inTypes((types) => types.functionType(name));
  }

  /**
   * `current`, the task of the hart that a frame is of; per-cpu variables there; and some others, whose types are well
   * known.
   */
  variable(name: string): Variable | undefined {
    const { types } = this.tables;
    if (name === CURRENT) return this.current();
    const address = this.addressOf(name);
    if (types === undefined || address === undefined) return undefined;
    const known = types.variable(name);
    if (known?.section === PER_CPU) {
      return { name, type: known.type, locate: (frame) => this.perCpuLocation(address, frame) };
    }
    const type = known?.type ?? globalVariableType(types, name);
    return type === undefined ? undefined : { name, type, locate: () => ({ kind: "memory", address }) };
  }

  /** Of kernel code alone. */
  unwindRules(pc: bigint): UnwindRules | undefined {
    const { memory } = this;
    const found = memory === undefined ? undefined : this.functionAt(pc);
    if (memory === undefined || found === undefined) return undefined;
    return kernelUnwindRules(found, pc, (address, byteLength) => memory.read(address, byteLength));
  }

  /** As the kernel's own list has them: the newest first. */
  get modules(): readonly LinuxModule[] {
    return this.moduleList.modules;
  }

  /** False: something of the modules, their symbols or their types was damaged, or too much. */
  get isWhole(): boolean {
    return this.moduleList.isWhole && this.moduleSymbols.isWhole && this.moduleTypes.isWhole;
  }

  /**
   * The task that a hart runs, the one whose turn it is where none is named. Undefined: the hart is in firmware, or the
   * kernel has not come so far, or tells no types.
   */
  taskOf(inspected: Inspected, hart?: number): LinuxTask | undefined {
    const memory = memoryOf(inspected, this.place);
    const { layout } = this.tables;
    return memory === undefined || layout === undefined ? undefined : currentTask(memory, layout, inspected, hart);
  }

  /** @internal Undefined: the kernel tells no types. */
  get taskMembers(): TaskMembers | undefined {
    return this.tables.layout && taskMembers(this.tables.layout);
  }

  /** @internal Undefined: as for `taskMembers`. */
  get schedulingMembers(): SchedulingMembers | undefined {
    return this.tables.layout && schedulingMembers(this.tables.layout);
  }

  /** All that there are. Undefined: as for `taskOf`. */
  tasksOf(inspected: Inspected): LinuxTasks | undefined {
    const memory = memoryOf(inspected, this.place);
    const initTask = this.addressOf("init_task");
    const { layout } = this.tables;
    if (memory === undefined || layout === undefined || initTask === undefined) return undefined;
    return listTasks(memory, layout, initTask);
  }

  /** @internal The function of the kernel or a module that an instruction is in. */
  functionAt(pc: bigint): { readonly name: string; readonly start: bigint } | undefined {
    const offset = pc - this.place.virtual;
    if (offset >= 0n && offset < BigInt(this.place.byteLength)) return this.tables.functionAt(this.place.virtual, pc);
    const isInModule = this.modules.some(({ ranges }) =>
      ranges.some(({ start, byteLength }) => pc >= start && pc < start + BigInt(byteLength)),
    );
    if (!isInModule) return undefined;
    let found: Symbol | undefined;
    for (const symbol of this.moduleSymbols.lists.flat()) {
      if (isCode(symbol) && symbol.address <= pc && symbol.address >= (found?.address ?? 0n)) found = symbol;
    }
    return found === undefined ? undefined : { name: found.name, start: found.address };
  }

  /** C has it as a macro. */
  private current(): Variable | undefined {
    const task = this.typeNamed("struct task_struct");
    if (task === undefined) return undefined;
    return {
      name: CURRENT,
      type: { kind: "pointer", bytes: POINTER_BYTES, target: () => task },
      locate(frame) {
        const value = currentAddressIn(frame);
        return value === undefined ? undefined : { kind: "value", value };
      },
    };
  }

  private get moduleList(): LinuxModules {
    const { memory } = this;
    const { layout } = this.tables;
    const list = this.addressOf("modules");
    return (this.listed ??=
      memory === undefined || layout === undefined || list === undefined
        ? { modules: [], isWhole: true }
        : listModules(memory, layout, list));
  }

  private get moduleSymbols(): ModuleSymbols {
    const { memory } = this;
    const { layout } = this.tables;
    return (this.named ??=
      memory === undefined || layout === undefined
        ? { lists: [], isWhole: true }
        : moduleSymbols(memory, layout, this.state.ram, this.modules));
  }

  private get moduleTypes(): ModuleTypes {
    const { memory } = this;
    const { layout, section, types } = this.tables;
    const list = this.addressOf("btf_modules");
    return (this.typed ??=
      memory === undefined || layout === undefined || section === undefined || types === undefined || list === undefined
        ? { types: [], isWhole: true }
        : moduleTypes(memory, layout, this.state.ram, list, { section, types }));
  }

  /** The kernel's first. */
  private inTypes<Found>(find: (types: BtfTypes) => Found | undefined): Found | undefined {
    const own = this.tables.types === undefined ? undefined : find(this.tables.types);
    if (own !== undefined) return own;
    for (const types of this.moduleTypes.types) {
      const found = find(types);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private addressOf(name: string): bigint | undefined {
    const offset = this.tables.offsetOf(name);
    return offset === undefined ? undefined : BigInt.asUintN(64, this.place.virtual + BigInt(offset));
  }

  /** `tp` is the current task, which tells its CPU; each CPU's variables lie at an offset of their own. */
  private perCpuLocation(address: bigint, frame: FrameReader): Location | undefined {
    const task = frame.register(TP);
    const cpuOffset = this.tables.layout?.offset("task_struct", "thread_info.cpu");
    const offsets = this.addressOf("__per_cpu_offset");
    // A kernel for one CPU has them where its symbols say.
    if (offsets === undefined) return { kind: "memory", address };
    if (task === undefined || cpuOffset === undefined || !isKernelAddress(task)) return undefined;
    const cpu = frame.read(task + BigInt(cpuOffset), 4);
    if (cpu === undefined) return undefined;
    const index = new DataView(cpu.buffer, cpu.byteOffset).getUint32(0, true);
    const moved = frame.read(BigInt.asUintN(64, offsets + 8n * BigInt(index)), 8);
    if (moved === undefined) return undefined;
    const offset = new DataView(moved.buffer, moved.byteOffset).getBigUint64(0, true);
    return { kind: "memory", address: BigInt.asUintN(64, address + offset) };
  }
}

const CURRENT = "current";
const POINTER_BYTES = 8;
const PER_CPU = ".data..percpu";
const TP = 4;

function memoryOf(inspected: Inspected, place: KernelPlace): KernelMemory | undefined {
  const view = kernelView(inspected, place);
  return view === undefined ? undefined : new KernelMemory(view);
}
