/** RAM and ROM at reset against QEMU's, read through its monitor before the first instruction. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { boot } from "../../../src/machine/boot/boot.js";
import { decodeFdt } from "../../../src/machine/fdt/decode.js";
import { encodeFdt } from "../../../src/machine/fdt/encode.js";
import { node, strings } from "../../../src/machine/fdt/fdt.js";
import { findNode, findProperty } from "../../support/fdt-query.js";
import { DRAM_BASE, MEMORY_MAP } from "../../../src/machine/memory-map.js";
import { requires } from "../../support/requires.js";
import { elfFile } from "../elf-file.js";

const MIB = 2 ** 20;
const OPENSBI = "/usr/lib/riscv64-linux-gnu/opensbi/generic";
const UBOOT = "/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf";

/** The options that name a file, by QEMU's names; each is given as the file's bytes. */
interface Guest {
  readonly memoryBytes: number;
  readonly hartCount?: number;
  readonly append?: string;
  readonly bios?: Uint8Array;
  readonly kernel?: Uint8Array;
  readonly initrd?: Uint8Array;
  readonly dtb?: Uint8Array;
}

/** Offsets into RAM. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** The whole ROM, and the ranges of RAM in their order. */
const dumpQemu = (guest: Guest, ranges: readonly Range[]): { rom: Buffer; ram: Buffer[] } => {
  const { memoryBytes, hartCount = 1, append, bios, kernel, initrd, dtb } = guest;
  const folder = mkdtempSync(join(tmpdir(), "foldvm-boot-"));
  try {
    const files = Object.entries({ bios, kernel, initrd, dtb }).flatMap(([option, bytes]) => {
      if (bytes === undefined) return option === "bios" ? ["-bios", "none"] : [];
      writeFileSync(join(folder, option), bytes);
      // QEMU looks for a bios among its own files first, unless it has a path.
      return [`-${option}`, join(folder, option)];
    });
    const machine = ["-M", "virt", "-m", `${memoryBytes}B`, "-smp", `${hartCount}`, "-S", "-display", "none"];
    const io = ["-serial", "null", "-monitor", "stdio"];
    const { base, sizeBytes } = MEMORY_MAP.mrom;
    const saves = ranges.map(({ start, end }, index) => `pmemsave ${DRAM_BASE + start} ${end - start} ram${index}`);
    const { status, stderr } = spawnSync(
      "qemu-system-riscv64",
      [...machine, ...io, ...files, ...(append === undefined ? [] : ["-append", append])],
      {
        cwd: folder,
        encoding: "utf8",
        input: [`pmemsave ${base} ${sizeBytes} rom`, ...saves, "quit", ""].join("\n"),
      },
    );
    assert.is(status, 0, stderr);
    return {
      rom: readFileSync(join(folder, "rom")),
      ram: ranges.map((_, index) => readFileSync(join(folder, `ram${index}`))),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const assertSame = (ours: Uint8Array, theirs: Uint8Array, what: string): void => {
  if (Buffer.compare(ours, theirs) === 0) return;
  const offset = ours.findIndex((byte, at) => byte !== theirs[at]);
  assert.unreachable(`${what} differs at offset 0x${offset.toString(16)}`);
};

/** Compares everything but the tree itself, which is compared by its own test, and returns both trees. */
const compare = (guest: Guest, ranges: readonly Range[] = [{ start: 0, end: guest.memoryBytes }]) => {
  const theirs = dumpQemu(guest, ranges);
  const image = boot(guest);
  assertSame(image.rom, theirs.rom, "the ROM");
  const dtbOffset = Number(image.dtbAddress) - DRAM_BASE;
  // QEMU writes its whole buffer, with what packing the tree left behind it.
  const windowBytes = guest.dtb === undefined ? MIB : (guest.dtb.length + 10_000) * 2;
  const trees = { ours: node("", []), theirs: node("", []) };
  for (const [index, { start, end }] of ranges.entries()) {
    const ours = new Uint8Array(end - start);
    for (const { address, bytes } of image.segments) {
      const at = Number(address) - DRAM_BASE - start;
      if (at >= 0 && at < ours.length) ours.set(bytes, at);
    }
    const ram = theirs.ram[index]!;
    if (dtbOffset >= start && dtbOffset < end) {
      trees.ours = decodeFdt(ours.slice(dtbOffset - start)).root;
      trees.theirs = decodeFdt(new Uint8Array(ram).subarray(dtbOffset - start)).root;
      for (const memory of [ours, ram]) memory.fill(0, dtbOffset - start, dtbOffset - start + windowBytes);
    }
    assertSame(ours, ram, "RAM");
  }
  assert.is.not(trees.theirs.properties.length, 0, "no range holds QEMU's tree");
  return trees;
};

const read = (path: string): Uint8Array => new Uint8Array(readFileSync(path));
const noise = (length: number, factor: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * factor) >>> 3);

const bare = (physicalAddress: bigint, entry: bigint): Uint8Array =>
  elfFile({ entry, segments: [{ physicalAddress, bytes: noise(5000, 77), memoryBytes: 9000 }] });

if (requires("RAM and ROM at reset equal QEMU's", ["qemu-system-riscv64"])) {
  const small: Guest = { memoryBytes: 64 * MIB, kernel: noise(10_001, 31) };

  test("given a raw kernel without firmware, when QEMU loads it too, then RAM and ROM are the same", () => {
    compare(small);
  });

  test("given a bare-metal ELF whose entry is not its first byte, when QEMU loads it too, then RAM and ROM are the same", () => {
    compare({ memoryBytes: 5 * MIB, kernel: bare(0x8000_0000n, 0x8000_0010n) });
  });

  test("given two harts, an initrd and append, when QEMU loads them too, then RAM, ROM and /chosen are the same", () => {
    const { ours, theirs } = compare({ ...small, hartCount: 2, initrd: noise(70_001, 13), append: "console=ttyS0" });
    for (const name of ["bootargs", "linux,initrd-start", "linux,initrd-end", "stdout-path"]) {
      const [our, their] = [ours, theirs].map((tree) => findProperty(findNode(tree, "/chosen"), name));
      assert.ok(our, name);
      assert.equal(our, their, name);
    }
  });

  test("given a device tree blob, when QEMU loads it too, then it places the same tree", () => {
    const root = node("", [["model", strings("mine")]], [node("soc", []), node("chosen", [["x", strings("y")]])]);
    // As large as QEMU's own dumps: the size of the file moves the place.
    const dtb = new Uint8Array(MIB);
    dtb.set(encodeFdt({ root }));
    const { ours, theirs } = compare({ ...small, dtb, append: "console=ttyS0" });
    const chosen = findNode(theirs, "/chosen");
    assert.ok(findProperty(chosen, "rng-seed"), "QEMU adds a seed, which we are given or not");
    const withoutSeed = chosen?.properties.filter(([name]) => name !== "rng-seed") ?? [];
    assert.equal(ours, node("", theirs.properties, [node("soc", []), node("chosen", withoutSeed)]));
  });

  if (requires("OpenSBI's images lie as in QEMU", ["opensbi"])) {
    for (const file of ["fw_jump.elf", "fw_jump.bin", "fw_dynamic.elf", "fw_dynamic.bin"]) {
      test(`given ${file} and a raw kernel, when QEMU loads them too, then RAM and ROM are the same`, () => {
        compare({ ...small, bios: read(join(OPENSBI, file)), initrd: noise(999, 7), append: "x" });
      });
    }

    test("given 2 GiB, when QEMU lays them out too, then the places of all images are the same", () => {
      const guest = { ...small, memoryBytes: 2048 * MIB, bios: read(join(OPENSBI, "fw_jump.elf")) };
      compare({ ...guest, initrd: noise(999, 7) }, [
        { start: 0, end: 4 * MIB },
        { start: 128 * MIB, end: 132 * MIB },
        { start: 1020 * MIB, end: 1024 * MIB },
      ]);
    });

    if (requires("U-Boot lies as in QEMU", ["u-boot"])) {
      test("given U-Boot as an ELF kernel, when QEMU loads it too, then RAM and ROM are the same", () => {
        compare({ memoryBytes: 128 * MIB, bios: read(join(OPENSBI, "fw_dynamic.bin")), kernel: read(UBOOT) });
      });
    }
  }

  if (requires("a program linked with its headers lies as in QEMU", ["riscv64-unknown-elf-gcc"])) {
    test("given a program linked with -Ttext, its headers below RAM, when QEMU loads it too, then RAM and ROM are the same", () => {
      const folder = mkdtempSync(join(tmpdir(), "foldvm-boot-"));
      try {
        writeFileSync(join(folder, "a.s"), "nop\n.globl _start\n_start: j _start\n.data\n.dword 1\n.bss\n.space 64\n");
        execFileSync("riscv64-unknown-elf-gcc", ["-nostdlib", "-Wl,-Ttext=0x80000000", "a.s"], { cwd: folder });
        compare({ memoryBytes: 16 * MIB, kernel: read(join(folder, "a.out")) });
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
}

test.run();
