// The names of a kernel in the memory of a state: wherever it was moved to, with its modules and its tasks.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { seenBy } from "../../../../../src/machine/inspect.js";
import type { MachineState } from "../../../../../src/machine/state.js";
import type { Symbol } from "../../../../../src/machine/symbol-table.js";
import { linuxNames, type LinuxNames } from "../../../../../src/streams/past/names/linux/index.js";
import { findKernel, MAX_KERNEL_BYTES } from "../../../../../src/streams/past/names/linux/kernel-place.js";
import { Names } from "../../../../../src/streams/past/names/names.js";
import { readPlace } from "../../../../../src/streams/past/names/read-place.js";
import type { FrameReader } from "../../../../../src/streams/past/names/name-source.js";
import { BtfBytes } from "../../../../support/btf-bytes.js";
import { AT, LINK_ADDRESS, TinyLinux } from "../../../../support/tiny-linux.js";

const MOVE = 1n << 21n;
const MACHINE = 3n;
const USER = 0n;
const TP = 4;

const named = (state: MachineState, image?: Uint8Array): LinuxNames => {
  const names = linuxNames(state, image);
  if (names === undefined) throw new Error("no kernel was found");
  return names;
};
const told = (symbols: readonly Symbol[]): readonly string[] =>
  symbols.map(({ name, address, kind }) => `${name} ${kind} ${address.toString(16)}`);

/** A frame of the kernel, whose memory is read as it lies. */
const frameOf = (linux: TinyLinux, tp: bigint): FrameReader => ({
  pc: linux.address("vfs_read"),
  register: (register) => (register === TP ? tp : undefined),
  canonicalFrameAddress: () => undefined,
  read: (address, bytes) => {
    const offset = Number(address - linux.virtual);
    return offset < 0 || offset >= linux.image.length ? undefined : linux.image.slice(offset, offset + bytes);
  },
});

for (const moved of [0, 1, 37, 509]) {
  test(`given a kernel that was moved by ${String(moved)} times 2 MiB, then its symbols are where it lies`, () => {
    const linux = new TinyLinux({ moved });
    const names = named(linux.state());
    assert.is(names.place.virtual, LINK_ADDRESS + MOVE * BigInt(moved));
    assert.is(names.place.physical, 0x8020_0000n);
    const expected = Object.entries(AT).map(
      ([name, offset]) =>
        `${name} ${offset < AT.init_task ? "function" : "object"} ${(linux.virtual + BigInt(offset)).toString(16)}`,
    );
    assert.equal(told(names.symbols()), expected);
  });
}

for (const [why, prepare] of [
  ["no hart has page tables", (linux: TinyLinux) => linux.registers.set(0, { fields: { satp: 0n } })],
  ["the mapping leads nowhere", (linux: TinyLinux) => linux.ram.fill(0, 0x1_0000, 0x1_2000)],
  ["what is mapped has no header", (linux: TinyLinux) => linux.image.fill(0, 0, 64)],
  ["its symbols are damaged", (linux: TinyLinux) => linux.image.fill(0, 0x10_0000, 0x10_0020)],
] as const) {
  test(`given that ${why}, then there is no kernel`, () => {
    const linux = new TinyLinux();
    prepare(linux);
    assert.is(linuxNames(linux.state()), undefined);
  });
}

test("given symbols that are damaged in memory, when the image is given, then its names stand where memory's would", () => {
  const linux = new TinyLinux({ moved: 3 });
  const image = linux.image.slice();
  linux.image.fill(0, 0x10_0000, 0x10_0020);
  const names = named(linux.state(), image);
  assert.is(names.symbols().find(({ name }) => name === "vfs_read")?.address, linux.address("vfs_read"));
});

test("given a header that claims more than RAM has, then no more than RAM is read", () => {
  const linux = new TinyLinux();
  linux.setU64(linux.virtual + 16n, 1n << 60n);
  assert.is(named(linux.state()).place.byteLength, 6 * 2 ** 20);
});

test("given a kernel that is as large as is read, then all of it is; given one more byte, that is not", () => {
  const bytesOf = (claimed: number): number | undefined => {
    const linux = new TinyLinux();
    linux.setU64(linux.virtual + 16n, BigInt(claimed));
    const state = linux.state();
    const ram = { byteLength: 2 ** 28, read: (offset: number, bytes: number) => state.ram.read(offset, bytes) };
    return findKernel({ ...state, ram })?.byteLength;
  };
  assert.is(bytesOf(MAX_KERNEL_BYTES), MAX_KERNEL_BYTES);
  assert.is(bytesOf(MAX_KERNEL_BYTES + 1), MAX_KERNEL_BYTES);
});

test("given a hart in firmware and one without page tables, then the kernel is found by the third", () => {
  const linux = new TinyLinux({ harts: 3 });
  linux.registers.set(0, { fields: { satp: 0n, privilege: MACHINE } });
  linux.registers.set(1, { fields: { satp: 0n } });
  assert.ok(linuxNames(linux.state()) !== undefined);
});

test("given two states that share the kernel's pages, then its list of symbols is made once", () => {
  const linux = new TinyLinux();
  const before = linux.state();
  linux.addTask(7, "seven");
  const after = linux.state(before);
  assert.is(named(after).symbols(), named(before).symbols());
});

test("given another kernel in the same place, then its own symbols are told", () => {
  const before = new TinyLinux({ order: "6.4" }).state();
  named(before);
  const other = new TinyLinux({ order: "6.4", tables: (whole) => renamed(whole, "memcpy", "memset") });
  assert.ok(
    named(other.state(before))
      .symbols()
      .some(({ name }) => name === "memset"),
  );
});

const renamed = (tables: Uint8Array, from: string, to: string): Uint8Array => {
  const at = Buffer.from(tables).indexOf(from, 0, "latin1");
  tables.set(new TextEncoder().encode(to), at);
  return tables;
};

test("given a function, a structure and a variable, then their types are told", () => {
  const linux = new TinyLinux();
  const names = named(linux.state());
  assert.equal(
    names
      .functionType("vfs_read")
      ?.parameters()
      .map(({ name }) => name),
    ["file", "count"],
  );
  const task = names.typeNamed("struct task_struct");
  assert.is(task?.kind === "structure" ? task.bytes : 0, 96);
  const frame = frameOf(linux, linux.address("init_task"));
  const jiffies = names.variable("jiffies");
  assert.equal(jiffies?.type, { kind: "integer", name: "long unsigned int", bytes: 8, isSigned: false });
  assert.equal(jiffies?.locate(frame), { kind: "memory", address: linux.address("jiffies") });
  assert.is(names.variable("init_task")?.type, task);
  assert.is(names.variable("vfs_read"), undefined);
  assert.is(names.variable("nothing"), undefined);
});

test("given a per-cpu variable, then it lies where the CPU of the frame's task has it", () => {
  const linux = new TinyLinux();
  const task = linux.addTask(7, "seven");
  linux.setU32(task + 8n, 2);
  linux.setU64(linux.address("__per_cpu_offset") + 16n, 0x5000n);
  const runqueues = named(linux.state()).variable("runqueues");
  assert.equal(runqueues?.locate(frameOf(linux, task)), {
    kind: "memory",
    address: linux.address("runqueues") + 0x5000n,
  });
  // tp of a program.
  assert.is(runqueues?.locate(frameOf(linux, 0x4000n)), undefined);
});

test("given harts in the kernel, in a program, and at its trap, then current is the task of each, with its members", () => {
  const linux = new TinyLinux({ harts: 4 });
  const task = linux.addTask(42, "sh");
  const vector = linux.address("handle_exception");
  const program = { [TP]: 0x4000n };
  linux.registers.set(1, { x: program, fields: { privilege: 0n, pc: 0x1_0000n, stvec: vector, sscratch: task } });
  linux.registers.set(2, { x: program, fields: { pc: vector, stvec: vector, sscratch: task } });
  linux.registers.set(3, { x: { [TP]: 0x8000_0000n }, fields: { privilege: 3n, pc: 0x8000_0000n } });
  const state = linux.state();
  const names = new Names(() => [named(state)]);
  const read = (place: string, hart: number): unknown => readPlace(place, { names, at: seenBy(state, hart) }).value;
  const harts = [0, 1, 2];
  assert.equal(
    harts.map((hart) => read("current->comm", hart)),
    ["swapper", "sh", "sh"],
  );
  assert.equal(
    harts.map((hart) => read("current->pid", hart)),
    [0n, 42n, 42n],
  );
  assert.throws(() => read("current->comm", 3), /current has no value here/);
  assert.throws(() => read("current->com", 0), /nearest are comm/);
});

test("given modules, then their symbols follow the kernel's, but neither labels nor what they only use", () => {
  const linux = new TinyLinux();
  const blk = linux.addModule("virtio_blk", [
    ["", "n", 0],
    ["virtblk_probe", "t", 0x10],
    ["major", "b", 0x800],
    ["$xrv64i", "t", 0x10],
    [".L23", "t", 0x14],
    ["vfs_read", "U", 0, 0],
  ]);
  linux.addModule("crc16", [["crc16", "T", 0x20]]);
  const names = named(linux.state());
  assert.equal(
    names.modules.map(({ name }) => name),
    ["virtio_blk", "crc16"],
  );
  const code = linux.u64(blk + 80n);
  assert.equal(names.modules[0]?.ranges, [{ start: code, byteLength: 0x1000 }]);
  const own = names.symbols().slice(Object.keys(AT).length);
  assert.equal(
    own.map(({ name, kind, sizeBytes }) => `${name} ${kind} ${String(sizeBytes)}`),
    ["virtblk_probe function 16", "major object 16", "crc16 function 16"],
  );
  assert.is(own[0]?.address, code + 0x10n);
  assert.ok(names.isWhole);
});

test("given a module that is not formed yet, then it is left out", () => {
  const linux = new TinyLinux();
  const module = linux.addModule("half", [["half", "t", 0]]);
  linux.setU32(module, 3);
  assert.equal(named(linux.state()).modules, []);
});

test("given a module's own types, then they are found behind the kernel's", () => {
  const linux = new TinyLinux();
  const own = new BtfBytes(linux.btf);
  own.func("virtblk_probe", own.int("virtblk_result", 4), [["vdev", 0]]);
  linux.addModuleTypes(own);
  const names = named(linux.state());
  assert.ok(names.functionType("virtblk_probe") !== undefined);
  assert.is(names.typeNamed("virtblk_result")?.kind, "integer");
  assert.ok(names.isWhole);
});

test("given a hart in each mode, then its task is told, and none while it is in firmware", () => {
  const linux = new TinyLinux({ harts: 6 });
  const task = linux.addTask(42, "sh");
  const program = { [TP]: 0x7f_1234n };
  const vector = linux.address("handle_exception");
  linux.registers.set(1, { x: { [TP]: task } });
  linux.registers.set(2, { x: program, fields: { privilege: USER, sscratch: task } });
  linux.registers.set(3, { x: { [TP]: task }, fields: { privilege: MACHINE } });
  // A trap was taken from a program, and its first instruction is to come.
  linux.registers.set(4, { x: program, fields: { stvec: vector, pc: vector, sscratch: task } });
  // sret is to come.
  linux.registers.set(5, { x: program, fields: { pc: vector + 0x400n, stvec: vector, sscratch: task } });
  const state = linux.state();
  const names = named(state);
  const comms = state.harts.map((_, hart) => names.taskOf(state, hart)?.comm);
  assert.equal(comms, ["swapper", "sh", "sh", undefined, "sh", "sh"]);
  assert.equal(names.taskOf(state, 1), { address: task, pid: 42, tgid: 42, comm: "sh" });
  assert.is(names.taskOf(state)?.comm, "swapper");
});

test("given a program that takes a task of the kernel for its tp, then at its trap its own task is told", () => {
  const linux = new TinyLinux();
  const task = linux.addTask(42, "sh");
  const vector = linux.address("handle_exception");
  linux.registers.set(0, {
    x: { [TP]: linux.address("init_task") },
    fields: { stvec: vector, pc: vector, sscratch: task },
  });
  const state = linux.state();
  assert.is(named(state).taskOf(state)?.comm, "sh");
});

test("given processes with threads, then all of them are listed, each process before its threads", () => {
  const linux = new TinyLinux();
  linux.addTask(1, "init");
  const server = linux.addTask(10, "server");
  linux.addTask(20, "sh");
  linux.addTask(11, "worker", server);
  const state = linux.state();
  const found = named(state).tasksOf(state);
  assert.equal(
    found?.tasks.map(({ pid, tgid, comm }) => `${String(pid)} ${String(tgid)} ${comm}`),
    ["1 1 init", "10 10 server", "11 10 worker", "20 20 sh"],
  );
  assert.is(found?.isWhole, true);
});

test("given a kernel without types, then it has symbols, and neither types nor tasks", () => {
  const linux = new TinyLinux();
  linux.image.fill(0, 0x18_0000, 0x18_0008);
  linux.addModule("crc16", [["crc16", "T", 0]]);
  const state = linux.state();
  const names = named(state);
  assert.is(names.symbols().length, Object.keys(AT).length);
  assert.is(names.typeNamed("struct task_struct"), undefined);
  assert.is(names.variable("jiffies"), undefined);
  assert.is(names.taskOf(state), undefined);
  assert.is(names.tasksOf(state), undefined);
});

for (const order of ["5.15", "6.2", "6.4"] as const) {
  test(`given a kernel of ${order}, then its names are read from memory`, () => {
    assert.is(named(new TinyLinux({ order }).state()).symbols().length, Object.keys(AT).length);
  });
}

test.run();
