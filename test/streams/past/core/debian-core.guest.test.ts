// Cores of Debian's kernel, as others read them: drgn lists the tasks that our own names tell, and gdb reads each
// hart's registers and the kernel's memory. What its image says of symbols is what its vmlinux has.
// test-time-limit-seconds: 1800
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import type { DebianImages } from "../../../../scripts/debian/debian-images.js";
import { debianMachine } from "../../../../scripts/debian/debian-machine.js";
import { PROMPT } from "../../../../scripts/debian/initramfs.js";
import { readVirtual, seenBy } from "../../../../src/machine/inspect.js";
import type { MachineState } from "../../../../src/machine/state.js";
import { fileSink } from "../../../../src/streams/host/file-sink.js";
import { writePieces } from "../../../../src/streams/host/pieces-file.js";
import { toCore } from "../../../../src/streams/past/core/to-core.js";
import { linuxNames } from "../../../../src/streams/past/names/linux/index.js";
import type { Recording } from "../../../../src/streams/past/recording.js";
import { openRecording } from "../../../../src/streams/session/open-recording.js";
import { requiresDebian, requiresDebianDebug } from "../../../support/debian.js";
import { requires } from "../../../support/requires.js";
import { freshSeed } from "../../../support/seeded-random.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";
import { recordTyped } from "../../../support/typed-recording.js";

const NAME = "drgn and gdb read cores of Debian's kernel";

/** Where no kernel is up yet, drgn has nothing to read: about the first seventh of a boot. */
const MOMENTS = 26;
const MOMENTS_WITH_KERNEL = 20;
const HARTS = 2;

const images = requires(NAME, ["drgn", "gdb-multiarch", "riscv64-unknown-elf-nm"])
  ? await requiresDebian(NAME)
  : undefined;
const vmlinux = images === undefined ? undefined : await requiresDebianDebug(NAME);

if (images !== undefined && vmlinux !== undefined) {
  const seed = freshSeed();

  test(`given moments of a boot (seed ${String(seed)}), then drgn lists the tasks of each, and gdb reads registers and memory`, () =>
    withTemporaryFolder(async (folder) => {
      const recording = await recordBoot(images, folder, seed);
      const [path, listTasks] = [join(folder, "vmcore"), join(folder, "list-tasks.py")];
      writeFileSync(listTasks, LIST_TASKS);
      let withKernel = 0;
      for (const state of momentsOf(recording)) {
        const core = toCore(state);
        if (core.vmcoreinfo === undefined) continue;
        withKernel += 1;
        assert.ok(core.isWhole);
        writePieces(path, core, true);
        const where = `at instruction ${String(state.position.icount)}`;
        assert.equal(tasksByDrgn(listTasks, path, vmlinux), tasksByUs(state), where);
        assert.equal(registersByGdb(path), registersOf(state), where);
        const place = placeOf(state, "init_task");
        assert.equal(memoryByGdb(path, place, folder), memoryOf(state, place), where);
        rmSync(path);
      }
      assert.ok(withKernel >= MOMENTS_WITH_KERNEL, `only ${String(withKernel)}`);
      assert.equal(symbolsBesides(vmlinux, recording.at()), []);
      recording.close();
    }));
}

/** The kernel's own symbols that its vmlinux does not have, or not there. */
function symbolsBesides(vmlinux: string, state: MachineState): readonly string[] {
  const listed = execFileSync("riscv64-unknown-elf-nm", [vmlinux], { encoding: "utf8", maxBuffer: 1 << 28 });
  const there = new Set(listed.split("\n").map((line) => `${line.slice(0, 16)} ${line.slice(19)}`));
  const moved = placeOf(state, "init_task") - addressIn(listed, "init_task");
  const own = (linuxNames(state)?.symbols() ?? []).filter(({ address }) => address >= KERNEL_BASE);
  assert.ok(own.length > 90_000, `only ${String(own.length)} symbols`);
  return own.map(({ address, name }) => `${(address - moved).toString(16)} ${name}`).filter((line) => !there.has(line));
}

/** Modules are below it. */
const KERNEL_BASE = 0xffff_ffff_8000_0000n;

const addressIn = (listed: string, name: string): bigint =>
  BigInt(`0x${new RegExp(`^([0-9a-f]{16}) . ${name}$`, "m").exec(listed)?.[1] ?? ""}`);

/** Tasks come and go. */
async function recordBoot(images: DebianImages, folder: string, seed: number): Promise<Recording> {
  const path = join(folder, "boot.fold");
  await recordTyped(
    {
      seed,
      machine: { ...debianMachine(images), smp: HARTS },
      steps: [
        { awaits: PROMPT, types: "sleep 1000 & sleep 1001 & for i in 1 2 3 4; do (cat /proc/[0-9]*/stat); done\n" },
        { awaits: PROMPT, types: "poweroff\n" },
      ],
      sequence: { sleep: false },
      timeLimitMs: 900_000,
    },
    fileSink(path),
  );
  return openRecording(path);
}

function* momentsOf(recording: Recording): Generator<MachineState> {
  for (let part = 1; part <= MOMENTS; part += 1) {
    yield recording.at(Math.floor((recording.info.instructions * part) / MOMENTS));
  }
}

const BY_PID = (a: string, b: string): number => Number.parseInt(a) - Number.parseInt(b);

function tasksByUs(state: MachineState): readonly string[] {
  const found = linuxNames(state)?.tasksOf(state);
  assert.ok(found?.isWhole);
  assert.ok(found.tasks.length > 20);
  return found.tasks.map(({ pid, comm }) => `${String(pid)} ${comm}`).sort(BY_PID);
}

const LIST_TASKS = `
from drgn.helpers.linux.pid import for_each_task
for task in for_each_task(prog):
    print(task.pid.value_(), task.comm.string_().decode())
`;

const tasksByDrgn = (script: string, core: string, symbols: string): readonly string[] =>
  execFileSync("drgn", ["-q", "-c", core, "-s", symbols, script], { encoding: "utf8" })
    .trimEnd()
    .split("\n")
    .sort(BY_PID);

/** Without any symbols. */
const gdb = (core: string, commands: readonly string[]): string =>
  execFileSync(
    "gdb-multiarch",
    ["-nx", "-batch", "-ex", "set architecture riscv:rv64", "-ex", `core-file ${core}`].concat(
      commands.flatMap((command) => ["-ex", command]),
    ),
    { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  );

const REGISTERS = ["pc", ...Array.from({ length: 31 }, (_, index) => `x${String(index + 1)}`)];

const registersOf = ({ harts }: MachineState): readonly string[] =>
  harts.flatMap(({ fields, x }) => [fields.pc, ...x.slice(1)].map((value) => value.toString(16)));

function registersByGdb(core: string): readonly string[] {
  const format = REGISTERS.map(() => "R%lx").join("\\n");
  const values = REGISTERS.map((name) => `(unsigned long)$${name}`).join(",");
  const print = `printf "${format}\\n",${values}`;
  const threads = Array.from({ length: HARTS }, (_, hart) => `thread ${String(hart + 1)}`);
  const told = gdb(
    core,
    threads.flatMap((thread) => [thread, print]),
  );
  return [...told.matchAll(/^R([0-9a-f]+)$/gm)].map(([, value = ""]) => value);
}

const MEMORY_BYTES = 4096;

function placeOf(state: MachineState, name: string): bigint {
  const found = linuxNames(state)
    ?.symbols()
    .find((symbol) => symbol.name === name);
  if (found === undefined) throw new Error(`the kernel has no ${name}`);
  return found.address;
}

/** As a hart sees it that has the kernel's page table: the firmware has none. */
function memoryOf(state: MachineState, address: bigint): Uint8Array {
  const [bytes] = state.harts.flatMap((_, hart) => readVirtual(seenBy(state, hart), address, MEMORY_BYTES) ?? []);
  if (bytes === undefined) throw new Error(`no hart sees ${address.toString(16)}`);
  return bytes;
}

function memoryByGdb(core: string, address: bigint, folder: string): Uint8Array {
  const path = join(folder, "memory");
  gdb(core, [`dump binary memory ${path} ${String(address)} ${String(address + BigInt(MEMORY_BYTES))}`]);
  return new Uint8Array(readFileSync(path));
}

test.run();
