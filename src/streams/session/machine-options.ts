/** A machine from options that carry QEMU's names. */
import { randomBytes } from "node:crypto";

import { initialStateOver, type Images } from "../../machine/initial-state.js";
import { Machine } from "../../machine/machine.js";
import type { EngineFactory } from "../../machine/engine/engine.js";
import { isMemorySize, MAX_HARTS, MAX_SHIFT, MEMORY_SIZES, type MachineConfig } from "../../reducers/machine-config.js";
import { DRIVE_OPTIONS, openDrive, type DriveOptions, type OpenedDrive } from "../host/disks/drives.js";
import { closeAll, closingOnFailure, type HostDisk } from "../store/host-disk.js";
import type { ImageContents } from "../store/image-contents.js";
import {
  contentsOfImages,
  bothImages,
  forEachImage,
  loadImages,
  type ImageRole,
  type ImageSource,
} from "../host/images.js";
import type { LogHeader } from "../store/log/index.js";
import { nicConfigs, type NicOptions } from "./nics.js";
import { byteSize } from "../../options/byte-size.js";
import { check } from "../../options/check.js";
import {
  anyObject,
  call,
  either,
  exactly,
  having,
  image,
  list,
  maybe,
  text,
  value,
  whole,
} from "../../options/codecs.js";
import { OptionError } from "../../options/option-error.js";
import { VirtioSlot } from "../../reducers/virtio/devices.js";
import { virtioSlots, type VirtioSlots } from "./virtio-slots.js";
import { hostEngine } from "../host/host-engine.js";
import { probedBy, type Probing } from "../../machine/probing.js";
import { hexOfBytes } from "../../reducers/hex.js";

export { OptionError } from "../../options/option-error.js";
export { Probing } from "../../machine/probing.js";

export interface MachineOptions extends Readonly<Partial<Record<ImageRole, ImageSource | undefined>>> {
  /** Bytes, or a number with K, M or G as QEMU's -m takes it. Default: 128M, as QEMU's. */
  readonly memory?: number | string | undefined;
  /** M-mode firmware; absent or "none": the kernel runs in M mode. */
  readonly bios?: ImageSource | undefined;
  readonly append?: string | undefined;
  /** The number of harts. Default 1. */
  readonly smp?: number | undefined;
  /** An instruction takes 2^shift ns. Default 0. */
  readonly shift?: number | undefined;
  /** What /chosen/rng-seed is made from: 64 hexadecimal digits, or any other text; absent: chance. */
  readonly seed?: string | undefined;
  /** The devices in virtio-mmio slots 0 to 7. Default: none. */
  readonly virtio?: MachineConfig["virtio"] | undefined;
  /** Network cards, each in the first slot that is free. */
  readonly nics?: readonly NicOptions[] | undefined;
  /** Disks: Linux finds those in the last slots first. What the guest writes is in its state. */
  readonly drives?: readonly DriveOptions[] | undefined;
}

/** The values that are looked at here are of the right kind; whether they fit is for those who use them. */
export const MACHINE_OPTIONS = exactly<MachineOptions>(
  {
    ...{ bios: maybe(image), kernel: maybe(image), initrd: maybe(image), dtb: maybe(image) },
    memory: maybe(either('a number of bytes, or a text such as "256M"', whole, text)),
    append: maybe(text),
    smp: maybe(whole),
    shift: maybe(whole),
    seed: maybe(text),
    virtio: maybe(list(value(`a virtio device, such as "rng" or "console"`, (given) => VirtioSlot.is(given)))),
    nics: maybe(list(exactly<NicOptions>({ mac: maybe(text), network: maybe(anyObject) }))),
    drives: maybe(list(DRIVE_OPTIONS)),
  },
  // As a MachineConfig has them.
  { harts: "smp", memoryBytes: "memory", rngSeed: "seed" },
);

const PARTS = exactly<{ readonly engine: EngineFactory; readonly probing: Probing | undefined }>({
  engine: call,
  probing: maybe(having("a Probing", "told")),
});

/** With what a recording of it must hold. */
export interface OpenedMachine {
  readonly machine: Machine;
  readonly header: LogHeader;
  /** What it starts from: names for a debugger are in them. */
  readonly images: Images;
  /** The bytes of all its images, for a recording that is to carry them. */
  readonly contents: readonly ImageContents[];
  /** Undefined: its engine tells nobody what the guest does. */
  readonly probing?: Probing | undefined;
  /** The images of its disks by virtio slot, for the backend that answers their requests: `disks`. */
  readonly disks: ReadonlyMap<number, HostDisk>;
  /** Of those, the files that `writeBack` changes, by slot: the drives whose `writeback` is on. */
  readonly writtenBack: ReadonlyMap<number, string>;
  /**
   * Lets go of the disks' files. The machine's states stay what they are; what they have not read of an image can't be
   * read any more.
   */
  close(): void;
}

const SEED_BYTES = 32;
const FRACTION_BYTES = 8192;
const DEFAULT_MEMORY = "128M";

/** At reset. @throws {OptionError} @throws {ImageError} @throws {BootError} */
export const openMachine = (
  options: MachineOptions,
  engine: EngineFactory = hostEngine,
  probing?: Probing,
): OpenedMachine => {
  check("openMachine", MACHINE_OPTIONS, options);
  check("openMachine", PARTS, { engine, probing });
  return closingOnFailure((opened) => openMachineWith(opened, options, engine, probing));
};

function openMachineWith(
  opened: HostDisk[],
  options: MachineOptions,
  engine: EngineFactory,
  probing: Probing | undefined,
): OpenedMachine {
  const { bios, kernel, initrd, dtb } = options;
  const [loaded, drives] = bothImages(
    () => loadImages({ bios: bios === "none" ? undefined : bios, kernel, initrd, dtb }),
    () => openDrives(opened, options),
  );
  const { images, digests } = loaded;
  const plain = machineConfig(options);
  const virtio = plain.virtio.map((device, slot) => drives.find((drive) => drive.slot === slot)?.config ?? device);
  const config = { ...plain, virtio };
  const disks = new Map(drives.map(({ slot, disk }) => [slot, disk]));
  const machine = new Machine(initialStateOver(config, images), { engine, disks, ...probedBy(probing) });
  const writtenBack = new Map(
    drives.flatMap(({ slot, writtenBackTo }) => (writtenBackTo === undefined ? [] : [[slot, writtenBackTo] as const])),
  );
  const contents = [...contentsOfImages(digests, images), ...drives.flatMap((drive) => drive.contents)];
  const ofDrives = drives.flatMap(({ digests: ofDrive }) => ofDrive);
  return {
    machine,
    images,
    contents,
    probing,
    header: { machine: config, images: [...digests, ...ofDrives] },
    disks,
    writtenBack,
    close: () => {
      closeAll(disks);
    },
  };
}

/** In the order in which the guest finds them, which is that of their numbers in a recording. */
function openDrives(opened: HostDisk[], options: MachineOptions): readonly (OpenedDrive & { readonly slot: number })[] {
  const { driveSlots } = slotsOf(options);
  const placed = (options.drives ?? [])
    .map((drive, index) => ({ drive, slot: driveSlots[index] ?? -1 }))
    .sort((a, b) => b.slot - a.slot)
    .map((one, number) => ({ ...one, number }));
  return forEachImage(placed, ({ drive, slot, number }) => {
    const openedDrive = openDrive(drive, number);
    opened.push(openedDrive.disk);
    return { ...openedDrive, slot };
  });
}

const slotsOf = ({ virtio = [], nics = [], drives = [] }: MachineOptions): VirtioSlots =>
  virtioSlots(virtio, nicConfigs(nics), drives);

/** But for its drives. @throws {OptionError} */
export function machineConfig(options: MachineOptions): MachineConfig {
  const { smp = 1, shift = 0 } = options;
  if (smp < 1 || smp > MAX_HARTS) {
    throw new OptionError(`smp ${String(smp)}: use 1 to ${String(MAX_HARTS)} harts`, { option: "smp", value: smp });
  }
  if (!Number.isInteger(shift) || shift < 0 || shift > MAX_SHIFT) {
    throw new OptionError(`shift ${String(shift)}: an instruction takes 2^shift ns; use 0 to ${String(MAX_SHIFT)}`, {
      option: "shift",
      value: shift,
    });
  }
  return {
    memoryBytes: memoryBytes(options.memory ?? DEFAULT_MEMORY),
    harts: smp,
    shift,
    append: options.append ?? null,
    rngSeed: rngSeed(options.seed),
    virtio: slotsOf(options).virtio,
  };
}

function memoryBytes(memory: number | string): number {
  const refused = (what: string): OptionError =>
    new OptionError(`memory ${String(memory)}: ${what}`, { option: "memory", value: memory });
  const bytes = typeof memory === "number" ? memory : bytesOf(memory);
  if (bytes === undefined) throw refused("give a number with K, M or G, such as 256M");
  if (!isMemorySize(bytes)) throw refused(`${String(bytes)} bytes can't be; give ${MEMORY_SIZES}`);
  return bytes;
}

/** A bare number counts MiB, as for QEMU's -m; as a number of the program it is bytes. */
function bytesOf(memory: string): number | undefined {
  const bytes = byteSize(memory);
  // A fraction need not be whole pages. As in QEMU it is cut to bytes, and they are rounded up to 8 KiB.
  return bytes !== undefined && memory.includes(".")
    ? Math.ceil(Math.floor(bytes) / FRACTION_BYTES) * FRACTION_BYTES
    : bytes;
}

function rngSeed(seed: string | undefined): string {
  if (seed === undefined) return randomBytes(SEED_BYTES).toString("hex");
  if (/^[0-9a-f]{64}$/.test(seed)) return seed;
  // Any text seeds: its bytes, repeated.
  const bytes = new TextEncoder().encode(seed);
  if (bytes.length === 0) {
    throw new OptionError("seed: give some text, or 64 hexadecimal digits", { option: "seed", value: seed });
  }
  return hexOfBytes(Array.from({ length: SEED_BYTES }, (_, index) => bytes[index % bytes.length] ?? 0));
}
