/** A kernel's tasks: all of them, and the one that a hart runs. */
import { integerOf } from "../../../../machine/little-endian.js";
import { hartOf, seenBy, type Inspected } from "../../../../machine/inspect.js";
import { PRIVILEGE } from "../../../../machine/hart/mstatus.js";
import { FIRST_CSR_REGISTER } from "../frame.js";
import type { FrameReader } from "../name-source.js";
import { isKernelAddress, type KernelMemory } from "./kernel-memory.js";
import { walkList } from "./linked-list.js";
import type { StructLayout } from "./struct-layout.js";

/** A thread, as the kernel counts: `tgid` is the process that it belongs to, and `pid` its own number. */
export interface LinuxTask {
  /** Of its `task_struct`. */
  readonly address: bigint;
  readonly pid: number;
  readonly tgid: number;
  readonly comm: string;
}

export interface LinuxTasks {
  /** Processes in the order of their making, each with its other threads behind it. Idle tasks (pid 0) are left out. */
  readonly tasks: readonly LinuxTask[];
  /** False: a list was damaged, or under change, or there are more; what is there is true. */
  readonly isWhole: boolean;
}

export const MAX_TASKS = 1 << 16;
const COMM_BYTES = 16;

/** Undefined: the kernel does not tell how its tasks are made. */
export function listTasks(memory: KernelMemory, layout: StructLayout, initTask: bigint): LinuxTasks | undefined {
  const tasksOffset = layout.offset("task_struct", "tasks");
  if (tasksOffset === undefined) return undefined;
  const processes = walkList(memory, initTask + BigInt(tasksOffset), tasksOffset, MAX_TASKS);
  let { isWhole } = processes;
  const tasks: LinuxTask[] = [];
  for (const leader of processes.entries) {
    const threads = threadsOf(memory, layout, leader, MAX_TASKS - tasks.length);
    isWhole &&= threads.isWhole;
    for (const address of threads.entries) {
      const task = readTask(memory, layout, address);
      if (task === undefined) isWhole = false;
      else tasks.push(task);
    }
  }
  return { tasks, isWhole };
}

/** The leader first. */
function threadsOf(
  memory: KernelMemory,
  layout: StructLayout,
  leader: bigint,
  most: number,
): ReturnType<typeof walkList> {
  const signal = pointerIn(memory, leader, layout.offset("task_struct", "signal"));
  const head = layout.offset("signal_struct", "thread_head");
  const node = layout.offset("task_struct", "thread_node");
  if (most <= 0) return { entries: [], isWhole: false };
  if (signal === undefined || head === undefined || node === undefined) return { entries: [leader], isWhole: false };
  const { entries, isWhole } = walkList(memory, signal + BigInt(head), node, most);
  // While a process ends, its leader may have left the list already.
  return entries.includes(leader) ? { entries, isWhole } : { entries: [leader, ...entries].slice(0, most), isWhole };
}

/** The task that a hart runs. Undefined: it is in firmware, or the kernel has not come so far. */
export function currentTask(
  memory: KernelMemory,
  layout: StructLayout,
  inspected: Inspected,
  hart: number | undefined,
): LinuxTask | undefined {
  const address = currentAddress(seenBy(inspected, hart));
  return address === undefined ? undefined : readTask(memory, layout, address);
}

const TP = 4;

/**
 * `tp` is the task in S mode. In U mode it is the program's, and `sscratch` is the task; handle_exception swaps the two
 * at its first instruction, and sret comes right after they were put back.
 */
function currentAddress(view: Inspected): bigint | undefined {
  const registers = view.harts[hartOf(view)];
  if (registers === undefined || registers.fields.privilege === PRIVILEGE.machine) return undefined;
  const { sscratch, stvec, pc, privilege } = registers.fields;
  const tp = registers.x[TP] ?? 0n;
  const isInKernel = privilege === PRIVILEGE.supervisor;
  return taskIn({ tp, sscratch, isInKernel, isAtEntry: pc === stvec });
}

/** The same in a frame, which does not tell the privilege: a kernel's code is at an address of the kernel. */
export function currentAddressIn(frame: FrameReader): bigint | undefined {
  const [tp = 0n, sscratch = 0n, stvec = 0n] = [TP, SSCRATCH, STVEC].map((register) => frame.register(register));
  const { pc, isCaller = false } = frame;
  // Where no instruction is meant, or one that another one was called from, the hart may be anywhere.
  const isInKernel = isCaller || pc === 0n || isKernelAddress(pc);
  return taskIn({ tp, sscratch, isInKernel, isAtEntry: pc === stvec });
}

interface TaskRegisters {
  readonly tp: bigint;
  readonly sscratch: bigint;
  readonly isInKernel: boolean;
  readonly isAtEntry: boolean;
}

function taskIn({ tp, sscratch, isInKernel, isAtEntry }: TaskRegisters): bigint | undefined {
  const hasSwapped = isInKernel && !(isAtEntry && sscratch !== 0n);
  // A program's tp is no address of the kernel, unless it wants to be taken for one.
  return (hasSwapped ? [tp, sscratch] : [sscratch]).find(isKernelAddress);
}

const SSCRATCH = FIRST_CSR_REGISTER + 0x140;
const STVEC = FIRST_CSR_REGISTER + 0x105;

function readTask(memory: KernelMemory, layout: StructLayout, address: bigint): LinuxTask | undefined {
  const members = taskMembers(layout);
  return members && readTaskBy((...place) => memory.read(...place), members, address);
}

/** Where a task's own numbers and name are in its `task_struct`, in bytes. Plain data. */
export interface TaskMembers {
  readonly pid: number;
  readonly tgid: number;
  readonly comm: number;
}

/** Undefined: the kernel does not tell. */
export function taskMembers(layout: StructLayout): TaskMembers | undefined {
  const [pid, tgid, comm] = ["pid", "tgid", "comm"].map((member) => layout.offset("task_struct", member));
  return pid === undefined || tgid === undefined || comm === undefined ? undefined : { pid, tgid, comm };
}

/** Of a kernel's addresses. Undefined: not all of it is there. */
export type ReadMemory = (address: bigint, byteLength: number) => Uint8Array | undefined;

/** A C `int`, or fewer bytes of one. */
export function intAt(read: ReadMemory, address: bigint, byteLength = 4): number | undefined {
  const bytes = read(address, byteLength);
  return bytes && Number(BigInt.asIntN(32, integerOf(bytes)));
}

/** Undefined: it is not mapped, or has no name. */
export function readTaskBy(read: ReadMemory, members: TaskMembers, address: bigint): LinuxTask | undefined {
  const [pid, tgid] = [members.pid, members.tgid].map((offset) => intAt(read, address + BigInt(offset)));
  const name = read(address + BigInt(members.comm), COMM_BYTES);
  const end = name?.indexOf(0) ?? -1;
  if (pid === undefined || tgid === undefined || name === undefined || end < 0) return undefined;
  return { address, pid, tgid, comm: UTF8.decode(name.subarray(0, end)) };
}

const UTF8 = new TextDecoder();

function pointerIn(memory: KernelMemory, address: bigint, offset: number | undefined): bigint | undefined {
  return offset === undefined ? undefined : memory.u64(address + BigInt(offset));
}
