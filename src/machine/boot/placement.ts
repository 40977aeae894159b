/** Where in RAM QEMU 7.2's `virt` puts each image (hw/riscv/boot.c). */
import { isElf, readElf, type Elf, type ElfSegment } from "../elf.js";
import { lowPage, relocateElf } from "../elf-relocation.js";
import { encodeFdt } from "../fdt/encode.js";
import type { Fdt } from "../fdt/fdt.js";
import { packedKernel, readLinuxImageHeader } from "../linux-image.js";
import { DRAM_BASE } from "../memory-map.js";
import { BootError } from "./boot-error.js";
import { checkInMemory, overlaps, type Range } from "./ranges.js";

export interface Placed {
  readonly low: number;
  readonly high: number;
  /** The program's own start address. */
  readonly entry: number;
  readonly ranges: readonly Range[];
  /** The difference between the run address and the linked address. */
  readonly movedBy: bigint;
}

/** Places the firmware, then the kernel behind it. */
export const placePrograms = ({
  memoryBytes,
  bios,
  kernel,
}: {
  readonly memoryBytes: number;
  readonly bios?: Uint8Array | undefined;
  readonly kernel?: Uint8Array | undefined;
}): { readonly firmware: Placed | undefined; readonly program: Placed | undefined } => {
  const firmware = bios && placeFirmware(bios, memoryBytes);
  return { firmware, program: kernel && placeKernel(kernel, firmware?.high ?? DRAM_BASE, memoryBytes) };
};

/** Firmware goes to the start of RAM, unless it is an ELF file. */
const placeFirmware = (bytes: Uint8Array, memoryBytes: number): Placed =>
  placeProgram("bios", bytes, DRAM_BASE, memoryBytes);

/** `after` is where the firmware ends. */
const placeKernel = (bytes: Uint8Array, after: number, memoryBytes: number): Placed =>
  placeProgram("kernel", bytes, alignUp(after, KERNEL_ALIGNMENT), memoryBytes);

/**
 * An ELF file goes to its own address. Anything else goes to `base`, and so does a position-independent file linked
 * below RAM.
 */
const placeProgram = (name: string, bytes: Uint8Array, base: number, memoryBytes: number): Placed => {
  if (isElf(bytes)) {
    const elf = readElf(bytes, `The ${name}`);
    const mustMove = elf.isPositionIndependent && elf.highAddress <= BigInt(DRAM_BASE);
    if (!mustMove) return placeElf(name, elf, 0n, memoryBytes);
    // Checked before it is copied: the segments of a small file may share its bytes, and be far larger together.
    checkInMemory({ name, start: base, end: base + Number(elf.highAddress - lowPage(elf)), bytes }, memoryBytes);
    const moved = relocateElf(elf, BigInt(base), `The ${name}`);
    return placeElf(name, moved, moved.lowAddress - elf.lowAddress, memoryBytes);
  }
  const packing = packedKernel(bytes);
  if (packing !== undefined) {
    throw new BootError("BOOT_PACKED_KERNEL", `The ${name} cannot run as it is, since ${packing}.`);
  }
  // QEMU ignores text_offset. With firmware, the kernel lands at that offset anyway.
  const imageBytes = Number(readLinuxImageHeader(bytes)?.imageBytes ?? 0n);
  const range = { name, start: base, end: base + Math.max(bytes.length, imageBytes), bytes };
  checkInMemory(range, memoryBytes);
  return { low: range.start, high: base + bytes.length, entry: base, ranges: [range], movedBy: 0n };
};

const placeElf = (name: string, elf: Elf, movedBy: bigint, memoryBytes: number): Placed => ({
  movedBy,
  low: Number(elf.lowAddress),
  high: Number(elf.highAddress),
  entry: Number(elf.entry),
  ranges: elf.segments.flatMap((segment) => {
    const start = Number(segment.physicalAddress);
    const end = start + Number(segment.memoryBytes);
    const outsideBytes = headersOutsideMemory(elf, segment);
    if (outsideBytes === Number(segment.memoryBytes)) return [];
    const range = { name, start: start + outsideBytes, end, bytes: segment.bytes.subarray(outsideBytes) };
    checkInMemory(range, memoryBytes);
    return [range];
  }),
});

/**
 * How much of a segment lies below RAM and is not part of the program. `-Ttext=0x80000000` makes the linker put the
 * file's headers, padded to a page, into a segment from 0x7ffff000. QEMU drops that part silently.
 */
const headersOutsideMemory = ({ headersEnd }: Elf, { physicalAddress, bytes, fileOffset, memoryBytes }: ElfSegment) => {
  const below = Math.min(DRAM_BASE - Number(physicalAddress), Number(memoryBytes));
  if (below <= 0) return 0;
  const afterHeaders = bytes.subarray(Math.max(0, headersEnd - fileOffset), below);
  return afterHeaders.every((byte) => byte === 0) ? below : 0;
};

export const placeInitrd = (bytes: Uint8Array, kernelLow: number, memoryBytes: number): Placed => {
  const start = kernelLow + Math.min(memoryBytes / 2, MAX_INITRD_DISTANCE);
  const range = { name: "initrd", start, end: start + bytes.length, bytes };
  checkInMemory(range, memoryBytes);
  return { low: start, high: range.end, entry: start, ranges: [range], movedBy: 0n };
};

/** For a tree that was given as a blob, QEMU reserves the blob's size. */
export const placeDeviceTree = (
  tree: Fdt,
  givenBytes: number | undefined,
  images: readonly Placed[],
  memoryBytes: number,
): Placed => {
  const windowBytes = givenBytes === undefined ? GENERATED_TREE_WINDOW : (givenBytes + 10_000) * 2;
  const bytes = encodeFdt(tree);
  const limit = Math.min(DRAM_BASE + memoryBytes, DEVICE_TREE_LIMIT);
  const at = (start: number, size: number): Range => ({
    name: "dtb",
    start,
    end: Math.min(start + size, limit),
    bytes,
  });
  const others = images.flatMap(({ ranges }) => ranges);
  const asQemu = at(alignDown(limit - windowBytes, DEVICE_TREE_ALIGNMENT), windowBytes);
  // QEMU refuses a RAM so small that the tree's place is taken. The very top serves as well.
  const fits = asQemu.start >= DRAM_BASE && !others.some((other) => overlaps(asQemu, other));
  const roomBytes = bytes.length + TREE_GROWTH_BYTES;
  const range = fits ? asQemu : at(alignDown(limit - roomBytes, PAGE_BYTES), roomBytes);
  checkInMemory(range, memoryBytes);
  return { low: range.start, high: range.end, entry: range.start, ranges: [range], movedBy: 0n };
};

const alignUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;
const alignDown = (value: number, alignment: number): number => Math.floor(value / alignment) * alignment;

const MIB = 2 ** 20;
const PAGE_BYTES = 4096;
/** RV64 kernels map themselves with 2 MiB megapages. */
const KERNEL_ALIGNMENT = 2 * MIB;
/** The distance of the initrd keeps it clear of the kernel's unpacking, and within what a 32-bit kernel maps first. */
const MAX_INITRD_DISTANCE = 128 * MIB;
const DEVICE_TREE_ALIGNMENT = 2 * MIB;
/** A 32-bit guest must reach the device tree. */
const DEVICE_TREE_LIMIT = 3072 * MIB;
/** QEMU builds a tree in a buffer of this size, and places the whole buffer. */
const GENERATED_TREE_WINDOW = MIB;
/** Firmware edits the tree in place: OpenSBI adds nodes for the memory it keeps. */
const TREE_GROWTH_BYTES = 16 * 1024;
