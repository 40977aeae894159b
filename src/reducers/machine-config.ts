/** The configuration of a machine, without its images. All of it is JSON, as in a recording's header. */
import * as t from "io-ts";

import { atMost, Count, restricted, Text } from "./scalars.js";
import { VirtioSlot } from "./virtio/devices.js";
import { VIRTIO_SLOTS } from "./virtio-mmio.js";

/** 1,024 ns an instruction. Nobody runs a slower machine. */
export const MAX_SHIFT = 10;

/** More harts make no run faster: they share one engine. */
export const MAX_HARTS = 8;

/** QEMU gives 64; nobody needs more. */
const MAX_SEED_DIGITS = 1024;

/** Guest RAM shares one wasm32 memory with the engine's own tables. */
export const MAX_MEMORY_BYTES = 2 ** 31;
const MIN_MEMORY_BYTES = 2 ** 20;
const PAGE_BYTES = 4096;

/** What RAM may measure, in words. */
export const MEMORY_SIZES = "1 MiB to 2 GiB of RAM in whole pages of 4 KiB";
export const isMemorySize = (bytes: number): boolean =>
  bytes >= MIN_MEMORY_BYTES && bytes <= MAX_MEMORY_BYTES && bytes % PAGE_BYTES === 0;

/** The codec of each member. */
export const MACHINE_CONFIG = {
  memoryBytes: restricted(MEMORY_SIZES, Count, isMemorySize),
  harts: restricted(`machine of 1 to ${String(MAX_HARTS)} harts`, Count, (harts) => harts >= 1 && harts <= MAX_HARTS),
  /** An instruction takes 2^shift ns of virtual time. */
  shift: atMost(MAX_SHIFT),
  /** The kernel's command line. */
  append: t.union([Text, t.null]),
  /** /chosen/rng-seed in hexadecimal. The seed is random, so it is an input. */
  rngSeed: restricted(
    `seed of at most ${String(MAX_SEED_DIGITS)} hexadecimal digits`,
    Text,
    (text) => text.length <= MAX_SEED_DIGITS && /^([0-9a-f]{2})*$/.test(text),
  ),
  virtio: restricted("VirtioSlots", t.readonlyArray(VirtioSlot), ({ length }) => length <= VIRTIO_SLOTS),
};

export const MachineConfig = t.readonly(t.exact(t.type(MACHINE_CONFIG)));
export type MachineConfig = t.TypeOf<typeof MachineConfig>;
