/** The content of RAM and the mask ROM at reset: QEMU 7.2's `virt`, as a pure function of the images. */
import type { PlatformConfig } from "../../reducers/platform-config.js";
import { virtDeviceTree, withChosen } from "../device-tree.js";
import { decodeFdt } from "../fdt/decode.js";
import { DRAM_BASE, RESET_VECTOR } from "../memory-map.js";
import { BootError } from "./boot-error.js";
import { placeDeviceTree, placeInitrd, placePrograms, type Placed } from "./placement.js";
import { checkOverlap } from "./ranges.js";
import { resetRom } from "./reset-rom.js";

export interface BootConfiguration {
  /** As a machine configuration has it. */
  readonly memoryBytes: number;
  readonly hartCount?: number | undefined;
  /** The devices in the virtio slots; absent: none. */
  readonly virtio?: PlatformConfig["virtio"] | undefined;
  /** M-mode firmware, raw or ELF. Absent: QEMU's `-bios none`. */
  readonly bios?: Uint8Array | undefined;
  /** ELF, Linux Image, or any raw binary. */
  readonly kernel?: Uint8Array | undefined;
  readonly initrd?: Uint8Array | undefined;
  /** The kernel's command line. */
  readonly append?: string | undefined;
  /** A device tree blob, in place of the generated one. */
  readonly dtb?: Uint8Array | undefined;
  /** The value of /chosen/rng-seed; absent: no such property. */
  readonly rngSeed?: Uint8Array | undefined;
}

export interface BootSegment {
  /** The image's name, for messages and tools: "bios", "kernel", "initrd", "dtb". */
  readonly name: string;
  readonly address: bigint;
  /** A view of the input, not a copy. */
  readonly bytes: Uint8Array;
}

export interface BootImage {
  /** RAM at reset, by ascending address, without overlap. The rest is zero. */
  readonly segments: readonly BootSegment[];
  /** The whole mask ROM. */
  readonly rom: Uint8Array;
  /** The first pc of every hart. */
  readonly resetVector: bigint;
  /** Where the reset code jumps to. */
  readonly startAddress: bigint;
  readonly dtbAddress: bigint;
}

/** Lays out RAM and ROM. @throws {BootError} @throws {ElfError} @throws {FdtError} */
export const boot = (configuration: BootConfiguration): BootImage => {
  const { memoryBytes, hartCount = 1, virtio = [], initrd, append, dtb, rngSeed } = configuration;
  checkImages(configuration);

  const { firmware, program } = placePrograms(configuration);
  const ramdisk = program && initrd && placeInitrd(initrd, program.low, memoryBytes);
  const images = [firmware, program, ramdisk].filter((placed) => placed !== undefined);

  const tree =
    dtb === undefined ? { root: virtDeviceTree({ memoryBytes, harts: hartCount, virtio }) } : decodeFdt(dtb, "dtb");
  const chosen = { bootargs: append, rngSeed, initrd: ramdisk && { start: ramdisk.low, end: ramdisk.high } };
  const deviceTree = placeDeviceTree(
    { ...tree, root: withChosen(tree.root, chosen) },
    dtb?.length,
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

/** No kernel takes so much: the largest COMMAND_LINE_SIZE of Linux is 4096. */
export const MAX_COMMAND_LINE_BYTES = 1 << 16;

const checkImages = ({ bios, kernel, initrd, append }: BootConfiguration): void => {
  for (const [name, bytes] of Object.entries({ bios, kernel, initrd })) {
    if (bytes?.length === 0) throw new BootError("BOOT_EMPTY_IMAGE", `The ${name} is empty: give another file.`);
  }
  const appendBytes = new TextEncoder().encode(append).length;
  if (appendBytes > MAX_COMMAND_LINE_BYTES) {
    throw new BootError(
      "BOOT_LONG_COMMAND_LINE",
      `append has ${appendBytes} bytes, and a command line has at most ${MAX_COMMAND_LINE_BYTES}: shorten it.`,
    );
  }
  if (bios === undefined && kernel === undefined) {
    throw new BootError(
      "BOOT_NOTHING_TO_RUN",
      "Nothing to run: the option kernel names a program, the option bios firmware; give one of them, or both.",
    );
  }
  if (kernel !== undefined) return;
  if (initrd !== undefined) {
    throw new BootError("BOOT_NEEDS_KERNEL", "An initrd is placed after a kernel: give a kernel too.");
  }
  if (append !== undefined && append !== "") {
    throw new BootError("BOOT_NEEDS_KERNEL", "append is the command line of a kernel: give a kernel too.");
  }
};

/**
 * QEMU 7.2 always jumps to the start of RAM, whatever e_entry says. If nothing lies there, QEMU can only crash. foldvm
 * then jumps to the program's own entry: firmware before kernel.
 */
const startOf = (programs: readonly (Placed | undefined)[]): number => {
  const placed = programs.filter((program) => program !== undefined);
  const isCovered = placed.some(({ ranges }) => ranges.some(({ start, end }) => start <= DRAM_BASE && DRAM_BASE < end));
  return isCovered ? DRAM_BASE : (placed[0]?.entry ?? DRAM_BASE);
};
