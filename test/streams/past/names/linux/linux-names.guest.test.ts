// Debian's kernel, which has no debug package here, against what it says of itself: /proc/kallsyms, BTF in /sys as
// bpftool reads it, /proc/*/stat, and the stack that it prints.
// test-time-limit-seconds: 1800
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { readVirtual, seenBy } from "../../../../../src/machine/inspect.js";
import type { MachineState } from "../../../../../src/machine/state.js";
import { stackOf } from "../../../../../src/streams/past/stack.js";
import { BtfSection, findBtf } from "../../../../../src/streams/past/names/linux/btf-section.js";
import { BtfTypes } from "../../../../../src/streams/past/names/linux/btf-types.js";
import { linuxNames, type LinuxNames } from "../../../../../src/streams/past/names/linux/index.js";
import { Names } from "../../../../../src/streams/past/names/names.js";
import { output, traps, visits, type Trap } from "../../../../../src/streams/past/query/index.js";
import { requiresDebian } from "../../../../support/debian.js";
import { MOMENTS, recordLinux } from "../../../../support/linux-guest.js";
import { requires } from "../../../../support/requires.js";
import { freshSeed } from "../../../../support/seeded-random.js";
import { typesToldBy, typesReadBy, type BpftoolType } from "./bpftool-types.js";

const NAME = "Debian's kernel tells its names";
const BPFTOOL = "/usr/sbin/bpftool";

const ECALL = 0x73;
const WRITE = 64n;
const COMM_LENGTH = 15;
const MOST_BYTES = 64n;

const images = requires(NAME, ["bpftool"]) ? await requiresDebian(NAME) : undefined;
const seed = freshSeed();

const named = (state: MachineState): LinuxNames => {
  const names = linuxNames(state);
  if (names === undefined) throw new Error("no kernel was found");
  return names;
};
const bpftool = (...args: readonly string[]): readonly BpftoolType[] =>
  (
    JSON.parse(execFileSync(BPFTOOL, ["-j", ...args], { encoding: "utf8", maxBuffer: 1 << 28 })) as {
      readonly types: readonly BpftoolType[];
    }
  ).types;

if (images !== undefined) {
  const folder = mkdtempSync(join(tmpdir(), "foldvm-test-"));
  const guest = await recordLinux(images, folder, { smp: 2, seed });
  const { recording } = guest;
  const end = recording.at();

  test(`given all symbols of /proc/kallsyms (seed ${String(seed)}), then ours are the same, of kernel and modules, in its order`, () => {
    const printed = guest
      .file("kallsyms")
      .toString("latin1")
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/[ \t]/))
      // The compiler's labels in modules, which the kernel does not look up.
      .filter(([, , name = "", module]) => module === undefined || !/^(\.L|L0|\$)/.test(name))
      .map(
        ([address = "", kind = "", name = ""]) => `${address} ${/[tTwW]/.test(kind) ? "function" : "object"} ${name}`,
      );
    const names = named(end);
    const ours = names
      .symbols()
      .map(({ address, kind, name }) => `${address.toString(16).padStart(16, "0")} ${kind} ${name}`);
    assert.ok(printed.length > 90_000, `only ${String(printed.length)} symbols were printed`);
    assert.is(ours.length, printed.length);
    assert.is(
      ours.findIndex((line, index) => line !== printed[index]),
      -1,
    );
    assert.ok(names.isWhole);
  });

  test("given /proc/modules, then ours are the same, at the same addresses", () => {
    const printed = guest.file("modules").toString().trimEnd().split("\n");
    const ours = named(end).modules;
    assert.equal(
      ours.map(({ name, ranges }) => `${name} 0x${(ranges[0]?.start ?? 0n).toString(16)}`),
      printed.map((line) => line.split(" ")).map(([name, , , , , address]) => `${name ?? ""} ${address ?? ""}`),
    );
    assert.ok(ours.some(({ name }) => name === "virtio_blk"));
  });

  test("given the kernel's types, then each is what bpftool says, and they are those of /sys/kernel/btf/vmlinux", () => {
    const found = findBtf(readFileSync(images.kernel));
    assert.ok(found !== undefined && guest.file("btf.vmlinux").equals(found));
    const section = BtfSection.read(found);
    assert.ok(section !== undefined);
    const told = typesToldBy(bpftool("btf", "dump", "file", guest.path("btf.vmlinux")));
    const read = typesReadBy(section, new BtfTypes(section));
    assert.is(read.length, told.length);
    assert.is(
      read.findIndex((line, index) => line !== told[index]),
      -1,
    );
  });

  test("given a module's types, then each is what bpftool says, and its names are found", () => {
    const kernel = BtfSection.read(guest.file("btf.vmlinux"));
    assert.ok(kernel !== undefined);
    const base = bpftool("btf", "dump", "file", guest.path("btf.vmlinux"));
    for (const module of ["ext4", "virtio_blk"]) {
      const own = bpftool("-B", guest.path("btf.vmlinux"), "btf", "dump", "file", guest.path(`btf.${module}`));
      const section = BtfSection.read(guest.file(`btf.${module}`), kernel);
      assert.ok(section !== undefined);
      const told = typesToldBy([...base, ...own]).slice(base.length);
      assert.equal(typesReadBy(section, new BtfTypes(section, new BtfTypes(kernel))), told);
    }
    const names = named(end);
    assert.is(names.typeNamed("struct virtio_blk_geometry")?.kind, "structure");
    assert.ok(names.functionType("ext4_fill_super") !== undefined);
    assert.equal(
      names
        .functionType("vfs_read")
        ?.parameters()
        .map(({ name }) => name),
      ["file", "buf", "count", "pos"],
    );
  });

  /** What a shell wrote about itself, and where. */
  const said = writesAbout(recording, /^(begin|end) (\d+)\n$/);

  test("given shells that print their own numbers, then each is the task of the hart that prints", () => {
    assert.is(said.length, 2 * MOMENTS);
    for (const { state, hart, words } of said) {
      const task = named(state).taskOf(state, hart);
      assert.is(String(task?.pid), words[2]);
      assert.is(task?.comm, "sh");
      assert.ok(
        named(state)
          .tasksOf(state)
          ?.tasks.some(({ pid }) => pid === task?.pid),
      );
    }
  });

  test("given what /proc/*/stat told at each moment, then the tasks there are the same", () => {
    const lines = guest.console.split(/\r?\n/);
    for (let moment = 0; moment < MOMENTS; moment += 1) {
      const [begin, finish] = [said[2 * moment], said[2 * moment + 1]];
      assert.ok(begin !== undefined && finish !== undefined);
      const from = lines.indexOf(begin.words[0]?.trim() ?? "");
      const until = lines.indexOf(finish.words[0]?.trim() ?? "");
      const printed = lines.slice(from + 1, until).map((line) => /^(\d+) \((.*)\) /.exec(line));
      assert.ok(printed.length > 40 && printed.every((line) => line !== null));
      const before = tasksAt(begin.state);
      const after = tasksAt(finish.state);
      const shown = new Map(printed.map((line) => [Number(line?.[1]), line?.[2] ?? ""]));
      for (const [pid, comm] of before) {
        if (after.get(pid) === comm) assert.ok(isSameName(shown.get(pid), comm), `${String(pid)} ${comm}`);
      }
      const cats = [...shown].filter(([pid]) => !before.has(pid) && !after.has(pid));
      assert.ok(cats.length <= 1 && cats.every(([, comm]) => comm === "cat"), JSON.stringify(cats));
    }
  });

  test("given the stack that the kernel prints of itself, then ours is the same, and goes on into the program", () => {
    const printed = [...guest.console.matchAll(/\[<([0-9a-f]{16})>\] (\w+)\+0x/g)].map(
      ([, address = "", name = ""]) => `${address} ${name}`,
    );
    const { names, state, hart } = atStackPrint();
    const frames = stackOf(names, state, hart);
    const kernel = frames.slice(1, -1).map(({ pc, function: name }) => `${pc.toString(16)} ${name ?? "?"}`);
    const first = printed.indexOf(kernel[0] ?? "");
    assert.ok(first >= 0, `${kernel[0] ?? "nothing"} is not in\n${printed.join("\n")}`);
    assert.equal(kernel, printed.slice(first));
    const program = frames.at(-1);
    assert.ok(program !== undefined && program.pc < 1n << 38n);
    // The kernel has moved the program's pc behind the system call already.
    const code = readVirtual(seenBy(state, hart), program.pc - 4n, 4);
    assert.is(code === undefined ? 0 : new DataView(code.buffer).getUint32(0, true), ECALL);
  });

  const atStackPrint = (): { readonly names: Names; readonly state: MachineState; readonly hart: number } => {
    const print = named(end)
      .symbols()
      .find(({ name }) => name === "show_stack");
    const [line] = output(recording, { of: /echo l >/ }).toArray();
    const [visit] = visits(recording, { of: print?.address ?? 0n, from: line?.icount }).toArray();
    assert.ok(visit !== undefined);
    const state = recording.at(visit.icount);
    const own = named(state);
    return { names: new Names(() => [own]), state, hart: visit.hart };
  };

  test.after(() => {
    recording.close();
    rmSync(folder, { recursive: true, force: true });
  });
}

interface Said {
  readonly state: MachineState;
  readonly hart: number;
  readonly words: readonly string[];
}

function writesAbout(recording: Parameters<typeof traps>[0], pattern: RegExp): readonly Said[] {
  const [typed] = output(recording, { of: /echo begin/ }).toArray();
  const isShort = ({ args: [, , bytes = 0n, , , , , call] }: Trap): boolean => call === WRITE && bytes < MOST_BYTES;
  const calls = traps(recording, { of: "ecallFromU", from: typed?.icount }).toArray().filter(isShort);
  return calls.flatMap(({ icount, hart, args: [, address = 0n, bytes = 0n] }) => {
    const state = recording.at(icount);
    const text = readVirtual(seenBy(state, hart), address, Number(bytes));
    const words = text === undefined ? null : pattern.exec(Buffer.from(text).toString("latin1"));
    return words === null ? [] : [{ state, hart, words: [...words] }];
  });
}

function tasksAt(state: MachineState): ReadonlyMap<number, string> {
  const found = named(state).tasksOf(state);
  assert.ok(found?.isWhole);
  return new Map(found.tasks.map(({ pid, comm }) => [pid, comm]));
}

/** /proc shows what a worker does behind its name, and the whole of a kernel thread's long one. */
const isSameName = (shown: string | undefined, comm: string): boolean =>
  shown === comm || ((comm.startsWith("kworker") || comm.length === COMM_LENGTH) && shown?.startsWith(comm) === true);

test.run();
