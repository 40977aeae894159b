/** The state at reset, position 0, built from configuration and images. */
import * as clock from "../reducers/clock.js";
import { bytesOfHex } from "../reducers/hex.js";
import { MACHINE_CONFIG, type MachineConfig } from "../reducers/machine-config.js";
import { check } from "../options/check.js";
import { bytes, exactly, maybe } from "../options/codecs.js";
import { positionOf } from "../reducers/position.js";
import { initialPlatform } from "../reducers/platform.js";
import * as power from "../reducers/power.js";
import * as schedule from "../reducers/schedule.js";
import { boot, type BootImage, type BootSegment } from "./boot/boot.js";
import { initialDisks } from "./disk/disk-state.js";
import { PageDigester } from "./digest/page-digest.js";
import { NO_HISTORY } from "./history.js";
import { DRAM_BASE, MROM } from "./memory-map.js";
import { HART_FIELDS, NO_RESERVATION, type HartField } from "./hart/fields.js";
import { PRIVILEGE } from "./hart/mstatus.js";
import type { HartState } from "./hart/registers.js";
import { roomFor } from "./page-room.js";
import { Ram, RAM_PAGE_BYTES, type RamPage } from "./ram.js";
import { printable } from "./printed-state.js";
import type { MachineState } from "./state.js";

/** The bytes of each image, keyed by purpose. Names are those of QEMU's options. */
export interface Images {
  readonly bios?: Uint8Array | undefined;
  readonly kernel?: Uint8Array | undefined;
  readonly initrd?: Uint8Array | undefined;
  readonly dtb?: Uint8Array | undefined;
}

const CONFIG = exactly<MachineConfig>(MACHINE_CONFIG);
const IMAGES = exactly<Images>({ bios: maybe(bytes), kernel: maybe(bytes), initrd: maybe(bytes), dtb: maybe(bytes) });

/**
 * @throws {OptionError} @throws {BootError} @throws {ElfError} @throws {FdtError} if configuration and images do not
 * fit together.
 */
export function initialState(config: MachineConfig, images: Images): MachineState {
  check("initialState: config", CONFIG, config);
  check("initialState: images", IMAGES, images);
  return stateAtReset(config, images, (bytes) => new Uint8Array(bytes));
}

/** `initialState` of images that nobody writes to: their whole pages are the state's, and are not copied. */
export const initialStateOver = (config: MachineConfig, images: Images): MachineState =>
  stateAtReset(config, images, (bytes) => bytes);

function stateAtReset(config: MachineConfig, images: Images, own: (bytes: Uint8Array) => Uint8Array): MachineState {
  const { segments, rom, resetVector } = bootImage(config, images);
  const owned = segments.map(({ address, bytes }) => ({ address, bytes: own(bytes) }));
  return printable({
    config,
    position: positionOf(0, 0),
    history: NO_HISTORY,
    clock: clock.initialState,
    harts: Array.from({ length: config.harts }, () => initialHart(resetVector)),
    schedule: schedule.initialState(config.harts),
    platform: initialPlatform(config),
    power: power.initialState,
    disks: initialDisks(config),
    ram: ramOf(owned, config.memoryBytes / RAM_PAGE_BYTES),
    rom: romOf(rom),
  });
}

/** The device tree blob that the guest is started with. Throws what `initialState` does. */
export function deviceTreeBlob(config: MachineConfig, images: Images): Uint8Array {
  const blob = bootImage(config, images).segments.find(({ name }) => name === "dtb");
  if (blob === undefined) throw new Error("a machine without a device tree");
  return blob.bytes;
}

/** What lies in RAM at reset. Throws what `initialState` does. */
export const segmentsAtReset = (config: MachineConfig, images: Images): readonly BootSegment[] =>
  bootImage(config, images).segments;

const bootImage = (config: MachineConfig, images: Images): BootImage =>
  boot({
    memoryBytes: config.memoryBytes,
    hartCount: config.harts,
    virtio: config.virtio,
    append: config.append ?? undefined,
    rngSeed: config.rngSeed === "" ? undefined : bytesOfHex(config.rngSeed),
    ...images,
  });

function initialHart(resetVector: bigint): HartState {
  const fields = Object.fromEntries(HART_FIELDS.map((name) => [name, 0n])) as Record<HartField, bigint>;
  const zeros = Object.freeze(new Array<bigint>(32).fill(0n));
  return Object.freeze({
    x: zeros,
    f: zeros,
    fields: Object.freeze({
      ...fields,
      pc: resetVector,
      privilege: PRIVILEGE.machine,
      reservation: NO_RESERVATION,
    }),
  });
}

/** The mask ROM of these bytes. */
export const romOf = (bytes: Uint8Array): Ram =>
  ramOf([{ address: BigInt(DRAM_BASE), bytes: new Uint8Array(bytes) }], MROM.sizeBytes / RAM_PAGE_BYTES);

/** Whole pages are views of the segments' bytes, to which nobody writes. */
function ramOf(segments: readonly Pick<BootSegment, "address" | "bytes">[], pageCount: number): Ram {
  const pages = new Map<number, Uint8Array>();
  const room = roomFor(RAM_PAGE_BYTES);
  for (const { address, bytes } of segments) {
    const start = Number(address) - DRAM_BASE;
    let at = 0;
    while (at < bytes.length) {
      const index = Math.floor((start + at) / RAM_PAGE_BYTES);
      const offset = (start + at) % RAM_PAGE_BYTES;
      const part = bytes.subarray(at, at + RAM_PAGE_BYTES - offset);
      at += part.length;
      if (part.length === RAM_PAGE_BYTES) {
        pages.set(index, part);
        continue;
      }
      let page = pages.get(index);
      if (page === undefined) {
        page = room();
        pages.set(index, page);
      }
      page.set(part, offset);
    }
  }
  const digester = new PageDigester();
  const withDigest = [...pages].map(([index, bytes]): [number, RamPage | undefined] => {
    const digest = digester.of(bytes, index);
    return [index, digest === 0n ? undefined : { bytes, digest }];
  });
  return Ram.zeros(pageCount).with(withDigest);
}
