// A kernel that lies: its lists, tables and strings are damaged. The answer is shorter and says so, and comes soon.
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { MachineState } from "../../../../../src/machine/state.js";
import { linuxNames, type LinuxNames } from "../../../../../src/streams/past/names/linux/index.js";
import { KernelMemory, MAX_TEXT_BYTES } from "../../../../../src/streams/past/names/linux/kernel-memory.js";
import { walkList } from "../../../../../src/streams/past/names/linux/linked-list.js";
import { BtfSection } from "../../../../../src/streams/past/names/linux/btf-section.js";
import { BtfTypes } from "../../../../../src/streams/past/names/linux/btf-types.js";
import { StructLayout } from "../../../../../src/streams/past/names/linux/struct-layout.js";
import {
  MAX_MODULE_NAME_BYTES,
  MAX_MODULE_SYMBOLS,
  moduleSymbols,
} from "../../../../../src/streams/past/names/linux/module-symbols.js";
import { MAX_MODULE_BTF_BYTES, moduleTypes } from "../../../../../src/streams/past/names/linux/module-types.js";
import { listModules, MAX_MODULES, MAX_PARTS } from "../../../../../src/streams/past/names/linux/modules.js";
import { MAX_TASKS } from "../../../../../src/streams/past/names/linux/tasks.js";
import { BtfBytes } from "../../../../support/btf-bytes.js";
import { freshSeed, seededRandom } from "../../../../support/seeded-random.js";
import { MODULE, TASK, TinyLinux } from "../../../../support/tiny-linux.js";

const named = (state: MachineState): LinuxNames => {
  const names = linuxNames(state);
  if (names === undefined) throw new Error("no kernel was found");
  return names;
};

test("given a list of tasks that runs in a circle without its head, then each is told once, and not as the whole", () => {
  const linux = new TinyLinux();
  const first = linux.addTask(1, "init");
  const last = linux.addTask(2, "sh");
  linux.setU64(last + BigInt(TASK.tasks), first + BigInt(TASK.tasks));
  const state = linux.state();
  const found = named(state).tasksOf(state);
  assert.equal(
    found?.tasks.map(({ pid }) => pid),
    [1, 2],
  );
  assert.is(found?.isWhole, false);
});

test("given a list of tasks that leads out of memory, then those before are told", () => {
  const linux = new TinyLinux();
  const first = linux.addTask(1, "init");
  linux.setU64(first + BigInt(TASK.tasks), 0xdead_0000n);
  const state = linux.state();
  const found = named(state).tasksOf(state);
  assert.is(found?.tasks.length, 1);
  assert.is(found?.isWhole, false);
});

test("given a task whose name has no end, then it is left out, and not as the whole", () => {
  const linux = new TinyLinux();
  const task = linux.addTask(1, "init");
  linux.set(task + BigInt(TASK.comm), new Uint8Array(16).fill(0x41));
  const state = linux.state();
  const found = named(state).tasksOf(state);
  assert.equal(found?.tasks, []);
  assert.is(found?.isWhole, false);
});

/** A list in memory of its own: each node is its head's, or a pointer to the next. */
const listOf = (length: number): { readonly memory: KernelMemory; readonly head: bigint } => {
  const head = 0x1000n;
  const memory = { u64: (at: bigint) => (at === head + 8n * BigInt(length) ? head : at + 8n) };
  return { memory: memory as unknown as KernelMemory, head };
};

for (const most of [MAX_TASKS, MAX_MODULES]) {
  test(`given a list of ${String(most)} entries, then it is whole; given one more, it is not`, () => {
    const atMost = listOf(most);
    assert.is(walkList(atMost.memory, atMost.head, 0, most).isWhole, true);
    const beyond = listOf(most + 1);
    const walked = walkList(beyond.memory, beyond.head, 0, most);
    assert.is(walked.isWhole, false);
    assert.is(walked.entries.length, most);
  });
}

test("given more tasks than are listed, when each process has another's threads, then the list ends", () => {
  const linux = new TinyLinux();
  const first = linux.addTask(1, "init");
  for (let thread = 2; thread < 1200; thread += 1) linux.addTask(thread, "thread", first);
  for (let pid = 2000; pid < 2100; pid += 1) {
    const task = linux.addTask(pid, "twin");
    linux.setU64(task + BigInt(TASK.signal), linux.u64(first + BigInt(TASK.signal)));
  }
  const state = linux.state();
  const found = named(state).tasksOf(state);
  assert.is(found?.tasks.length, MAX_TASKS);
  assert.is(found?.isWhole, false);
});

for (const [what, damage] of [
  [
    "more symbols than are read",
    (linux: TinyLinux, table: bigint) => linux.setU64(table + 8n, BigInt(MAX_MODULE_SYMBOLS + 1)),
  ],
  ["a table that is not mapped", (linux: TinyLinux, table: bigint) => linux.setU64(table, 1n << 63n)],
  ["names that are not mapped", (linux: TinyLinux, table: bigint) => linux.setU64(table + 16n, 1n << 63n)],
  ["kinds that are not mapped", (linux: TinyLinux, table: bigint) => linux.setU64(table + 24n, 1n << 63n)],
] as const) {
  test(`given a module with ${what}, then its symbols are left out, and those of the others are there`, () => {
    const linux = new TinyLinux();
    const bad = linux.addModule("bad", [["bad_symbol", "t", 0]]);
    linux.addModule("good", [["good_symbol", "t", 0]]);
    damage(linux, linux.u64(bad + BigInt(MODULE.kallsyms)));
    const names = named(linux.state());
    assert.is(names.symbols().at(-1)?.name, "good_symbol");
    assert.not(names.symbols().some(({ name }) => name === "bad_symbol"));
    assert.is(names.isWhole, false);
  });
}

const layout = new StructLayout(new BtfTypes(BtfSection.read(new TinyLinux().btf.bytes()) as BtfSection));
const NO_RAM = { page: () => undefined } as unknown as MachineState["ram"];
/** Memory in which every pointer has one value, and every name is empty. */
const monotonous = (value: bigint, read: (bytes: number) => Uint8Array): KernelMemory =>
  ({
    u64: () => value,
    u32: () => Number(value),
    read: (_: bigint, bytes: number) => read(bytes),
    text: () => "",
    pagesOf: () => undefined,
  }) as unknown as KernelMemory;

/** Of modules whose tables are all alike. */
const symbolsOf = (count: number, nameAt: number, modules = 1): ReturnType<typeof moduleSymbols> => {
  const memory = monotonous(BigInt(count), (bytes) => {
    const given = new Uint8Array(bytes);
    if (bytes >= 24) new DataView(given.buffer).setUint32(0, nameAt, true);
    return given;
  });
  const module = { name: "large", address: 0n, ranges: [] };
  return moduleSymbols(
    memory,
    layout,
    NO_RAM,
    Array.from({ length: modules }, () => module),
  );
};

test("given as many symbols of modules as are read, then they are whole; given one more, they are not", () => {
  assert.is(symbolsOf(MAX_MODULE_SYMBOLS, 0).isWhole, true);
  assert.is(symbolsOf(MAX_MODULE_SYMBOLS + 1, 0).isWhole, false);
  assert.is(symbolsOf(MAX_MODULE_SYMBOLS / 2 + 1, 0, 2).isWhole, false);
});

test("given as many bytes of names as are read, then they are whole; given one more, they are not", () => {
  assert.is(symbolsOf(1, MAX_MODULE_NAME_BYTES - 1).isWhole, true);
  assert.is(symbolsOf(1, MAX_MODULE_NAME_BYTES).isWhole, false);
  assert.is(symbolsOf(1, MAX_MODULE_NAME_BYTES / 2 - 1, 2).isWhole, true);
  assert.is(symbolsOf(1, MAX_MODULE_NAME_BYTES / 2, 2).isWhole, false);
});

test("given a name far beyond those that are read, then so much is not even asked for", () => {
  let largest = 0;
  const memory = monotonous(1n, (bytes) => {
    largest = Math.max(largest, bytes);
    const given = new Uint8Array(Math.max(4, Math.min(bytes, 4096)));
    new DataView(given.buffer).setUint32(0, 0xffff_fff0, true);
    return given;
  });
  assert.is(moduleSymbols(memory, layout, NO_RAM, [{ name: "far", address: 0n, ranges: [] }]).isWhole, false);
  assert.is(largest, 24);
});

test("given a module with more parts than are told, then the others are left out", () => {
  const parts = (length: number): number | undefined => {
    const btf = new BtfBytes();
    const word = btf.int("int", 4);
    const part = btf.struct("module_memory", 8, [
      ["base", word, 0],
      ["size", word, 4],
    ]);
    btf.struct("module", 1024, [
      ["list", word, 0],
      ["name", word, 8],
      ["mem", btf.array(part, length), 16],
    ]);
    const types = new BtfTypes(BtfSection.read(btf.bytes()) as BtfSection);
    const memory = { u64: (at: bigint) => (at === 64n ? 1n : 64n), u32: () => 16, text: () => "large" };
    return listModules(memory as unknown as KernelMemory, new StructLayout(types), 1n).modules[0]?.ranges.length;
  };
  assert.is(parts(MAX_PARTS), MAX_PARTS);
  assert.is(parts(MAX_PARTS + 1), MAX_PARTS);
});

test("given as many bytes of modules' types as are read, then they are whole; given one more, they are not", () => {
  const kernel = BtfSection.read(new TinyLinux().btf.bytes()) as BtfSection;
  const types = (byteLength: number): ReturnType<typeof moduleTypes> => {
    // The list has one entry: its head's next is another node, whose next is the head.
    const head = 1n;
    const own = new BtfBytes(new TinyLinux().btf).bytes();
    const memory = {
      u64: (at: bigint) => (at === head ? 64n : head),
      u32: () => byteLength,
      read: (_: bigint, bytes: number) => {
        const given = new Uint8Array(bytes);
        given.set(own);
        return given;
      },
      pagesOf: () => undefined,
    };
    return moduleTypes(memory as unknown as KernelMemory, layout, NO_RAM, head, {
      section: kernel,
      types: new BtfTypes(kernel),
    });
  };
  assert.is(types(MAX_MODULE_BTF_BYTES).isWhole, true);
  assert.is(types(MAX_MODULE_BTF_BYTES + 1).isWhole, false);
});

test("given a text of as many bytes as are read, then it is read; given one more, it is not", () => {
  const text = (length: number): string | undefined => {
    const bytes = new Uint8Array(4096).fill(0x41, 0, length);
    const ram = { byteLength: 4096, read: (at: number, count: number) => bytes.slice(at, at + count) };
    const bare = { fields: { satp: 0n } };
    const view = { ram, harts: [bare], schedule: { hart: 0 } } as unknown as ConstructorParameters<
      typeof KernelMemory
    >[0];
    return new KernelMemory(view).text(0x8000_0000n);
  };
  assert.is(text(MAX_TEXT_BYTES - 1)?.length, MAX_TEXT_BYTES - 1);
  assert.is(text(MAX_TEXT_BYTES), undefined);
});

const seed = freshSeed();

test(`given words of the kernel changed at random (seed ${String(seed)}), then every question is answered`, () => {
  const random = seededRandom(seed);
  const pristine = new TinyLinux({ harts: 2 });
  const server = pristine.addTask(10, "server");
  pristine.addTask(11, "worker", server);
  pristine.addModule("virtio_blk", [["virtblk_probe", "t", 0x10]]);
  const whole = pristine.ram.slice();
  const state = pristine.state();
  // What is walked: lists, tasks, modules and their tables.
  const heap = 0x40_0000;
  for (let round = 0; round < 100; round += 1) {
    pristine.ram.set(whole);
    for (let change = random(6); change >= 0; change -= 1) {
      const at = random(2) === 0 ? 0x21_0000 + 8 * random(0x300) : heap + 8 * random(0x300);
      const value =
        [0n, 0xffff_ffff_8000_0000n + BigInt(8 * random(0x8_0000)), 0xffff_ffff_ffff_fff8n][random(3)] ?? 0n;
      new DataView(pristine.ram.buffer).setBigUint64(at, value, true);
    }
    const damaged = pristine.state(state);
    const names = linuxNames(damaged);
    names?.symbols();
    names?.typeNamed("nothing");
    names?.tasksOf(damaged);
    names?.taskOf(damaged, 1);
    names?.unwindRules(pristine.address("vfs_read"));
  }
});

test.run();
