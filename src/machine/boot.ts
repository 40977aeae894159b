/**
 * What RAM and the mask ROM hold at reset: QEMU 7.2's `virt` (hw/riscv/boot.c), as a pure function of the images.
 * The harts start in the ROM, which sets a0 = hart id, a1 = device tree, a2 = fw_dynamic info and jumps to the start of RAM.
 */
import { virtDeviceTree, withChosen } from "./device-tree.js";
import { isElf, readElf, type Elf, type ElfSegment } from "./elf.js";
import { decodeFdt, encodeFdt, type Fdt } from "./fdt.js";
import { packedKernel, readLinuxImageHeader } from "./linux-image.js";
import { DRAM_BASE, MEMORY_MAP, RESET_VECTOR } from "./memory-map.js";

export interface BootConfiguration {
  /** 1 MiB to 2 GiB, in whole 4 KiB pages. */
  readonly memoryBytes: number;
  readonly hartCount?: number | undefined;
  /** M-mode firmware, raw or ELF. Absent: QEMU's `-bios none`. */
  readonly bios?: Uint8Array | undefined;
  /** ELF, Linux Image, or any raw binary. */
  readonly kernel?: Uint8Array | undefined;
  readonly initrd?: Uint8Array | undefined;
  /** The kernel's command line. */
  readonly append?: string | undefined;
  /** A device tree blob, in place of the generated one. */
  readonly dtb?: Uint8Array | undefined;
  /** What /chosen/rng-seed holds; absent: no such property. */
  readonly rngSeed?: Uint8Array | undefined;
}

export interface BootSegment {
  /** What it is, for messages and tools: "bios", "kernel", "initrd", "dtb". */
  readonly name: string;
  readonly address: bigint;
  /** A view of the input, not a copy. */
  readonly bytes: Uint8Array;
}

export interface BootImage {
  /** RAM at reset, by ascending address, without overlap; the rest is zero. */
  readonly segments: readonly BootSegment[];
  /** The whole mask ROM. */
  readonly rom: Uint8Array;
  /** The first pc of every hart. */
  readonly resetVector: bigint;
  /** Where the reset code jumps to. */
  readonly startAddress: bigint;
  readonly dtbAddress: bigint;
}

export type BootErrorCode =
  | "boot-memory-size"
  | "boot-hart-count"
  | "boot-nothing-to-run"
  | "boot-needs-kernel"
  | "boot-empty-image"
  | "boot-packed-kernel"
  | "boot-outside-memory"
  | "boot-images-overlap";

/** The images and the machine do not fit together; the message says why and what to do. */
export class BootError extends Error {
  override readonly name = "BootError";
  constructor(
    readonly code: BootErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** Lays out RAM and ROM. @throws {BootError} @throws {ElfError} @throws {FdtError} */
export const boot = (configuration: BootConfiguration): BootImage => {
  const { memoryBytes, hartCount = 1, bios, kernel, initrd, append, dtb, rngSeed } = configuration;
  checkMachine(memoryBytes, hartCount);
  checkImages(configuration);

  const firmware = bios && placeProgram("bios", bios, DRAM_BASE, memoryBytes);
  const kernelBase = alignUp(firmware?.high ?? DRAM_BASE, KERNEL_ALIGNMENT);
  const program = kernel && placeProgram("kernel", kernel, kernelBase, memoryBytes);
  const ramdisk = program && initrd && placeInitrd(initrd, program.low, memoryBytes);
  const images = [firmware, program, ramdisk].filter((placed) => placed !== undefined);

  const tree = dtb === undefined ? { root: virtDeviceTree({ memoryBytes, hartCount }) } : decodeFdt(dtb, "dtb");
  const chosen = { bootargs: append, rngSeed, initrd: ramdisk && { start: ramdisk.low, end: ramdisk.high } };
  const deviceTree = placeDeviceTree(
    { ...tree, root: withChosen(tree.root, chosen) },
    dtb === undefined ? GENERATED_TREE_WINDOW : (dtb.length + 10_000) * 2,
    images,
    memoryBytes,
  );
  checkOverlap([...images, deviceTree].flatMap(({ ranges }) => ranges));

  const startAddress = startOf([firmware, program]);
  return {
    segments: [...images, deviceTree]
      .flatMap(({ ranges }) => ranges)
      .filter(({ bytes }) => bytes.length > 0)
      .sort((a, b) => a.start - b.start)
      .map(({ name, start, bytes }) => ({ name, address: BigInt(start), bytes })),
    rom: resetRom(startAddress, deviceTree.low, program?.low ?? 0),
    resetVector: BigInt(RESET_VECTOR),
    startAddress: BigInt(startAddress),
    dtbAddress: BigInt(deviceTree.low),
  };
};

const MIB = 2 ** 20;
const PAGE_BYTES = 4096;
const MIN_MEMORY_BYTES = MIB;
/** Guest RAM lies in one wasm32 memory, beside the engine's own tables. */
const MAX_MEMORY_BYTES = 2048 * MIB;
/** As many as the PLIC's address range has contexts for. */
const MAX_HARTS = 512;
/** RV64 kernels map themselves with 2 MiB megapages. */
const KERNEL_ALIGNMENT = 2 * MIB;
/** The initrd must not be where the kernel unpacks, nor beyond what a 32-bit kernel maps at first. */
const MAX_INITRD_DISTANCE = 128 * MIB;
const DEVICE_TREE_ALIGNMENT = 2 * MIB;
/** The device tree stays where a 32-bit guest reaches it. */
const DEVICE_TREE_LIMIT = 3072 * MIB;
/** The buffer in which QEMU builds a tree, and which it places whole. */
const GENERATED_TREE_WINDOW = MIB;
/** Firmware edits the tree where it lies: OpenSBI adds nodes for the memory it keeps. */
const TREE_GROWTH_BYTES = 16 * 1024;

interface Range {
  readonly name: string;
  readonly start: number;
  /** The first address after what it takes, zeros included. */
  readonly end: number;
  readonly bytes: Uint8Array;
}

interface Placed {
  readonly low: number;
  readonly high: number;
  /** Where the program itself says that it starts. */
  readonly entry: number;
  readonly ranges: readonly Range[];
}

const checkMachine = (memoryBytes: number, hartCount: number): void => {
  const isSize = Number.isInteger(memoryBytes) && memoryBytes % PAGE_BYTES === 0;
  if (!isSize || memoryBytes < MIN_MEMORY_BYTES || memoryBytes > MAX_MEMORY_BYTES) {
    throw new BootError(
      "boot-memory-size",
      `A memory of ${memoryBytes} bytes cannot be: choose from 1 MiB to 2 GiB, a multiple of 4 KiB.`,
    );
  }
  if (!Number.isInteger(hartCount) || hartCount < 1 || hartCount > MAX_HARTS) {
    throw new BootError("boot-hart-count", `A machine of ${hartCount} harts cannot be: choose from 1 to 512.`);
  }
};

const checkImages = ({ bios, kernel, initrd, append }: BootConfiguration): void => {
  for (const [name, bytes] of Object.entries({ bios, kernel, initrd })) {
    if (bytes?.length === 0) throw new BootError("boot-empty-image", `The ${name} is empty: give another file.`);
  }
  if (bios === undefined && kernel === undefined) {
    throw new BootError("boot-nothing-to-run", "There is nothing to run: give a bios, a kernel, or both.");
  }
  if (kernel !== undefined) return;
  if (initrd !== undefined) {
    throw new BootError("boot-needs-kernel", "An initrd is placed after a kernel: give a kernel too.");
  }
  if (append !== undefined && append !== "") {
    throw new BootError("boot-needs-kernel", "append is the command line of a kernel: give a kernel too.");
  }
};

/** ELF goes where it says, anything else to `base`. */
const placeProgram = (name: string, bytes: Uint8Array, base: number, memoryBytes: number): Placed => {
  if (isElf(bytes)) return placeElf(name, readElf(bytes, `The ${name}`), memoryBytes);
  const packing = packedKernel(bytes);
  if (packing !== undefined) {
    throw new BootError("boot-packed-kernel", `The ${name} cannot run as it is, since ${packing}.`);
  }
  // QEMU ignores text_offset, which is where the kernel lands anyway when there is firmware.
  const imageBytes = Number(readLinuxImageHeader(bytes)?.imageBytes ?? 0n);
  const range = { name, start: base, end: base + Math.max(bytes.length, imageBytes), bytes };
  checkInMemory(range, memoryBytes);
  return { low: range.start, high: base + bytes.length, entry: base, ranges: [range] };
};

const placeElf = (name: string, elf: Elf, memoryBytes: number): Placed => ({
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
 * How much of a segment lies below RAM and is no part of the program. `-Ttext=0x80000000` makes the linker put the file's
 * headers, padded to a page, into a segment from 0x7ffff000; QEMU drops that part without a word.
 */
const headersOutsideMemory = ({ headersEnd }: Elf, { physicalAddress, bytes, fileOffset, memoryBytes }: ElfSegment) => {
  const below = Math.min(DRAM_BASE - Number(physicalAddress), Number(memoryBytes));
  if (below <= 0) return 0;
  const afterHeaders = bytes.subarray(Math.max(0, headersEnd - fileOffset), below);
  return afterHeaders.every((byte) => byte === 0) ? below : 0;
};

const placeInitrd = (bytes: Uint8Array, kernelLow: number, memoryBytes: number): Placed => {
  const start = kernelLow + Math.min(memoryBytes / 2, MAX_INITRD_DISTANCE);
  const range = { name: "initrd", start, end: start + bytes.length, bytes };
  checkInMemory(range, memoryBytes);
  return { low: start, high: range.end, entry: start, ranges: [range] };
};

/** `windowBytes` is the room that QEMU would take for it. */
const placeDeviceTree = (tree: Fdt, windowBytes: number, images: readonly Placed[], memoryBytes: number): Placed => {
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
  // QEMU refuses a RAM so small that its place is taken; the very top serves as well.
  const fits = asQemu.start >= DRAM_BASE && !others.some((other) => overlaps(asQemu, other));
  const roomBytes = bytes.length + TREE_GROWTH_BYTES;
  const range = fits ? asQemu : at(alignDown(limit - roomBytes, PAGE_BYTES), roomBytes);
  checkInMemory(range, memoryBytes);
  return { low: range.start, high: range.end, entry: range.start, ranges: [range] };
};

const checkInMemory = ({ name, start, end }: Range, memoryBytes: number): void => {
  const memoryEnd = DRAM_BASE + memoryBytes;
  if (start >= DRAM_BASE && end <= memoryEnd) return;
  throw new BootError(
    "boot-outside-memory",
    `The ${name} does not fit: it needs ${interval(start, end)}, and RAM is ${interval(DRAM_BASE, memoryEnd)}. ` +
      "Give the machine more memory, or link the image for addresses in it.",
  );
};

const checkOverlap = (ranges: readonly Range[]): void => {
  const sorted = [...ranges].sort((a, b) => a.start - b.start);
  for (const [index, range] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next === undefined || !overlaps(range, next)) continue;
    throw new BootError(
      "boot-images-overlap",
      `The ${range.name} (${interval(range.start, range.end)}) and the ${next.name} ` +
        `(${interval(next.start, next.end)}) overlap. Give the machine more memory, or link one of them elsewhere.`,
    );
  }
};

/**
 * QEMU 7.2 always jumps to the start of RAM, whatever e_entry says. Where nothing lies there, which can only crash in QEMU,
 * we jump to the program's own entry instead: firmware before kernel.
 */
const startOf = (programs: readonly (Placed | undefined)[]): number => {
  const placed = programs.filter((program) => program !== undefined);
  const isCovered = placed.some(({ ranges }) => ranges.some(({ start, end }) => start <= DRAM_BASE && DRAM_BASE < end));
  return isCovered ? DRAM_BASE : (placed[0]?.entry ?? DRAM_BASE);
};

const resetRom = (startAddress: number, dtbAddress: number, nextAddress: number): Uint8Array => {
  const rom = new Uint8Array(MEMORY_MAP.mrom.sizeBytes);
  const view = new DataView(rom.buffer);
  RESET_CODE.forEach((instruction, index) => {
    view.setUint32(index * 4, instruction, true);
  });
  const doublewords = [
    startAddress,
    dtbAddress,
    // OpenSBI's struct fw_dynamic_info: magic, version, next_addr, next_mode, options, boot_hart.
    FW_DYNAMIC_MAGIC,
    FW_DYNAMIC_VERSION,
    nextAddress,
    FW_DYNAMIC_NEXT_MODE_S,
    0,
    0,
  ];
  doublewords.forEach((value, index) => {
    view.setBigUint64(RESET_CODE.length * 4 + index * 8, BigInt(value), true);
  });
  return rom;
};

// prettier-ignore
const RESET_CODE = [
  0x0000_0297, // auipc t0, 0
  0x0282_8613, // addi  a2, t0, 40    the fw_dynamic info
  0xf140_2573, // csrr  a0, mhartid
  0x0202_b583, // ld    a1, 32(t0)    the device tree
  0x0182_b283, // ld    t0, 24(t0)    the start address
  0x0002_8067, // jr    t0
];

/** "OSBI" */
const FW_DYNAMIC_MAGIC = 0x4942_534f;
const FW_DYNAMIC_VERSION = 2;
const FW_DYNAMIC_NEXT_MODE_S = 1;

const overlaps = (a: Range, b: Range): boolean => a.start < b.end && b.start < a.end;
const alignUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;
const alignDown = (value: number, alignment: number): number => Math.floor(value / alignment) * alignment;
const interval = (start: number, end: number): string => `0x${start.toString(16)}..0x${end.toString(16)}`;
