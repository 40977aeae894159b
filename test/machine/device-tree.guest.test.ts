/** The generated tree against the one that QEMU generates, both printed by dtc. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { virtDeviceTree, withChosen } from "../../src/machine/device-tree.js";
import { encodeFdt } from "../../src/machine/fdt/encode.js";
import { requires } from "../support/requires.js";

const MIB = 2 ** 20;
/** QEMU's `rv64` without what our harts do not have. */
const CPU = "rv64,h=off,Zihintpause=off,zba=off,zbb=off,zbc=off,zbs=off,sstc=off";
const BOOTARGS = 'console=ttyS0 quote="x"';

/** Devices of QEMU that we do not have. */
const LEFT_OUT = ["pmu", "fw-cfg@10100000", "flash@20000000", "platform-bus@4000000", "pci@30000000"];

const decompile = (dtb: Uint8Array): string =>
  spawnSync("dtc", ["-q", "-I", "dtb", "-O", "dts"], { input: dtb, encoding: "utf8" }).stdout;

const withoutNode = (dts: string, name: string): string => {
  const without = dts.replace(new RegExp(`\\n(\\t+)${name} \\{\\n[^]*?\\n\\1\\};\\n`), "");
  assert.not.equal(without, dts, `QEMU has no ${name}`);
  return without;
};

const rngSeedOf = (dts: string): Uint8Array => {
  const seedCells = /rng-seed = <(.*)>/.exec(dts)?.[1]?.split(" ") ?? [];
  return Uint8Array.from(seedCells.flatMap((cell) => [24, 16, 8, 0].map((shift) => (Number(cell) >>> shift) & 0xff)));
};

if (requires("the device tree equals QEMU's", ["qemu-system-riscv64", "dtc"])) {
  for (const [memoryBytes, hartCount] of [
    [256 * MIB, 1],
    [2048 * MIB, 3],
  ] as const) {
    test(`given ${memoryBytes} bytes and ${hartCount} harts, when QEMU generates the tree too, then dtc prints the same`, () => {
      const folder = mkdtempSync(join(tmpdir(), "foldvm-device-tree-"));
      try {
        writeFileSync(join(folder, "kernel"), "kernel");
        const machine = ["-M", "virt,dumpdtb=virt.dtb", "-m", `${memoryBytes}B`, "-smp", `${hartCount}`, "-cpu", CPU];
        const options = [...machine, "-display", "none", "-kernel", "kernel", "-append", BOOTARGS];
        const { status, stderr } = spawnSync("qemu-system-riscv64", options, { cwd: folder, encoding: "utf8" });
        assert.is(status, 0, stderr);
        const theirs = decompile(readFileSync(join(folder, "virt.dtb")));
        const root = withChosen(virtDeviceTree({ memoryBytes, harts: hartCount, virtio: [] }), {
          bootargs: BOOTARGS,
          rngSeed: rngSeedOf(theirs),
        });
        assert.fixture(
          decompile(encodeFdt({ root })),
          LEFT_OUT.reduce(withoutNode, theirs).replaceAll('"riscv,sv48"', '"riscv,sv39"'),
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
}

test.run();
