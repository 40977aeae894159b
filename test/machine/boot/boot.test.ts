import { test } from "uvu";
import * as assert from "uvu/assert";

import { boot, MAX_COMMAND_LINE_BYTES, type BootConfiguration } from "../../../src/machine/boot/boot.js";
import { BootError } from "../../../src/machine/boot/boot-error.js";
import { ElfError } from "../../../src/machine/elf.js";
import { decodeFdt, FdtError } from "../../../src/machine/fdt/decode.js";
import { encodeFdt } from "../../../src/machine/fdt/encode.js";
import { node, strings, cells } from "../../../src/machine/fdt/fdt.js";
import { findNode, findProperty } from "../../support/fdt-query.js";
import { elfFile } from "../elf-file.js";

const MIB = 2 ** 20;
const kernel = Uint8Array.of(1, 2, 3, 4);
const bios = Uint8Array.of(5, 6, 7, 8);
const initrd = Uint8Array.of(9, 10);

const placesOf = (configuration: BootConfiguration): Record<string, number> =>
  Object.fromEntries(boot(configuration).segments.map(({ name, address }) => [name, Number(address)]));

const treeOf = (configuration: BootConfiguration) =>
  decodeFdt(boot(configuration).segments.find(({ name }) => name === "dtb")?.bytes ?? new Uint8Array(0)).root;

const errorOf = (configuration: BootConfiguration): { code: string; message: string } => {
  try {
    boot(configuration);
  } catch (error) {
    if (error instanceof BootError || error instanceof ElfError || error instanceof FdtError) return error;
    throw error;
  }
  return { code: "no error", message: "" };
};

test("given firmware, kernel and initrd, when they are placed, then each is where QEMU has it", () => {
  assert.equal(placesOf({ memoryBytes: 1024 * MIB, bios, kernel, initrd }), {
    bios: 0x8000_0000,
    kernel: 0x8020_0000,
    initrd: 0x8820_0000,
    dtb: 0xbfe0_0000,
  });
});

test("given no firmware, when a raw kernel is placed, then it is at the start of RAM", () => {
  assert.is(placesOf({ memoryBytes: 64 * MIB, kernel })["kernel"], 0x8000_0000);
});

test("given less than 256 MiB, when an initrd is placed, then it is half the memory after the kernel", () => {
  assert.is(placesOf({ memoryBytes: 64 * MIB, kernel, initrd })["initrd"], 0x8200_0000);
});

test("given a memory so small that QEMU refuses it, when the tree is placed, then it is at the top", () => {
  const { segments, dtbAddress } = boot({ memoryBytes: MIB, kernel });
  assert.is(segments.at(-1)?.name, "dtb");
  assert.ok(dtbAddress > 0x8000_0000n + BigInt(MIB - 32 * 1024));
});

test("given a kernel whose entry is not its first byte, when it starts, then at the start of RAM, as in QEMU", () => {
  const segments = [{ physicalAddress: 0x8000_0000n, bytes: kernel }];
  assert.is(boot({ memoryBytes: MIB, kernel: elfFile({ entry: 0x8000_0002n, segments }) }).startAddress, 0x8000_0000n);
});

test("given a program that leaves the start of RAM empty, when it starts, then at its entry", () => {
  const segments = [{ physicalAddress: 0x8000_1000n, bytes: kernel }];
  assert.is(boot({ memoryBytes: MIB, kernel: elfFile({ entry: 0x8000_1002n, segments }) }).startAddress, 0x8000_1002n);
});

test("given a segment that begins with the file's headers below RAM, when it is placed, then without them", () => {
  const segment = { physicalAddress: 0x7fff_f000n, bytes: kernel, withHeaders: true };
  const [first] = boot({ memoryBytes: MIB, kernel: elfFile({ segments: [segment] }) }).segments;
  assert.is(first?.address, 0x8000_0000n);
  assert.equal(Array.from(first?.bytes ?? []), Array.from(kernel));
});

test("given append, seed and initrd, when the tree is made, then /chosen has them", () => {
  const rngSeed = new Uint8Array(32).fill(7);
  const chosen = findNode(treeOf({ memoryBytes: 64 * MIB, kernel, initrd, append: "root=/dev/x", rngSeed }), "/chosen");
  assert.equal(findProperty(chosen, "bootargs"), strings("root=/dev/x"));
  assert.equal(findProperty(chosen, "rng-seed"), rngSeed);
  assert.equal(findProperty(chosen, "linux,initrd-start"), cells(0x8200_0000));
  assert.equal(findProperty(chosen, "linux,initrd-end"), cells(0x8200_0002));
});

test("given a command line as long as one may be, when the tree is made, then /chosen has it", () => {
  const append = "x".repeat(MAX_COMMAND_LINE_BYTES);
  const chosen = findNode(treeOf({ memoryBytes: 64 * MIB, kernel, append }), "/chosen");
  assert.equal(findProperty(chosen, "bootargs"), strings(append));
});

test("given a device tree blob, when there is also append, then the blob is kept but for /chosen", () => {
  const reservations = [{ address: 0x8000_0000n, sizeBytes: 0x1000n }];
  const root = node("", [["model", strings("mine")]], [node("chosen", [["bootargs", strings("old")]])]);
  const dtb = encodeFdt({ root, reservations });
  const bytes = boot({ memoryBytes: 64 * MIB, kernel, dtb, append: "new" }).segments.at(-1)?.bytes;
  const tree = decodeFdt(bytes ?? dtb);
  assert.equal(tree.root, node("", [["model", strings("mine")]], [node("chosen", [["bootargs", strings("new")]])]));
  assert.equal(tree.reservations, reservations);
});

test("given the same inputs, when booted twice, then the results are equal, and the inputs untouched", () => {
  const configuration = { memoryBytes: 64 * MIB, bios, kernel, initrd, append: "x" };
  assert.equal(boot(configuration), boot(configuration));
  assert.equal(kernel, Uint8Array.of(1, 2, 3, 4));
});

const linuxImage = (imageBytes: number): Uint8Array => {
  const bytes = new Uint8Array(64);
  new DataView(bytes.buffer).setBigUint64(16, BigInt(imageBytes), true);
  bytes.set(new TextEncoder().encode("RSC\x05"), 56);
  return bytes;
};

const at = (physicalAddress: bigint): Uint8Array => elfFile({ segments: [{ physicalAddress, bytes: kernel }] });

for (const [what, configuration, code, message] of [
  ["no images", { memoryBytes: MIB }, "BOOT_NOTHING_TO_RUN", /option kernel .*option bios /],
  ["an initrd without a kernel", { memoryBytes: MIB, bios, initrd }, "BOOT_NEEDS_KERNEL", /initrd/],
  ["append without a kernel", { memoryBytes: MIB, bios, append: "x" }, "BOOT_NEEDS_KERNEL", /append/],
  [
    "a command line that is too long",
    { memoryBytes: MIB, kernel, append: `é${"x".repeat(MAX_COMMAND_LINE_BYTES - 1)}` },
    "BOOT_LONG_COMMAND_LINE",
    /append has 65537 bytes.*at most 65536/,
  ],
  ["an empty kernel", { memoryBytes: MIB, kernel: new Uint8Array(0) }, "BOOT_EMPTY_IMAGE", /kernel is empty/],
  ["a gzipped kernel", { memoryBytes: MIB, kernel: Uint8Array.of(0x1f, 0x8b) }, "BOOT_PACKED_KERNEL", /gunzip/],
  ["a kernel outside RAM", { memoryBytes: MIB, kernel: at(0x2000_0000n) }, "BOOT_OUTSIDE_MEMORY", /0x20000000/],
  ["code below RAM", { memoryBytes: MIB, kernel: at(0x7fff_fffen) }, "BOOT_OUTSIDE_MEMORY", /0x7ffffffe/],
  [
    "a kernel linked below RAM",
    { memoryBytes: MIB, kernel: elfFile({ segments: [{ physicalAddress: 0n, bytes: kernel }] }) },
    "BOOT_OUTSIDE_MEMORY",
    /it needs 0x0\.\.0x4, .*take its raw binary/,
  ],
  ["a kernel too big", { memoryBytes: MIB, kernel: new Uint8Array(MIB + 1) }, "BOOT_OUTSIDE_MEMORY", /more memory/],
  ["an initrd too big", { memoryBytes: MIB, kernel, initrd: new Uint8Array(MIB) }, "BOOT_OUTSIDE_MEMORY", /initrd/],
  [
    "the kernel on the bios",
    { memoryBytes: MIB, bios, kernel: at(0x8000_0000n) },
    "BOOT_IMAGES_OVERLAP",
    /bios.*kernel.*Link the kernel.*none as the bios/,
  ],
  [
    "a kernel whose .bss reaches the initrd",
    { memoryBytes: 64 * MIB, kernel: linuxImage(33 * MIB), initrd },
    "BOOT_IMAGES_OVERLAP",
    /kernel.*initrd.*more memory/,
  ],
  [
    "a riscv32 kernel",
    { memoryBytes: MIB, kernel: elfFile({ segments: [] }).fill(1, 4, 5) },
    "ELF_WRONG_CLASS",
    /kernel/,
  ],
  ["a dtb that is none", { memoryBytes: MIB, kernel, dtb: bios }, "FDT_NOT_FDT", /dtc/],
] as const satisfies readonly (readonly [string, BootConfiguration, string, RegExp])[]) {
  test(`given ${what}, when it boots, then the error is ${code} and says what to do`, () => {
    const error = errorOf(configuration);
    assert.is(error.code, code);
    assert.match(error.message, message);
  });
}

test.run();
