/** U-Boot and Debian, recorded for a while, for a gdb that goes about in them. */
import { join } from "node:path";

import type { DebianImages } from "../../scripts/debian/debian-images.js";
import { debianMachine } from "../../scripts/debian/debian-machine.js";
import { fileSink } from "../../src/streams/host/file-sink.js";
import type { Recording } from "../../src/streams/past/recording.js";
import type { MachineOptions } from "../../src/streams/session/machine-options.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { walk } from "./gdb-walk.js";
import { seededRandom } from "./seeded-random.js";
import { recordTyped } from "./typed-recording.js";

export interface GdbGuest {
  readonly name: string;
  readonly machine: MachineOptions;
  readonly untilIcount: number;
  /** Places are gone to behind it. */
  readonly from: number;
  /** A word that is written now and then. */
  readonly watched: (recording: Recording) => bigint;
}

export const UBOOT: GdbGuest = {
  name: "U-Boot",
  machine: {
    memory: "64M",
    bios: "/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf",
    kernel: "/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf",
  },
  untilIcount: 20_000_000,
  from: 0,
  // Somewhere below the top of its stack.
  watched: (recording) => (recording.at(UBOOT_INSNS).harts[0]?.x[SP] ?? 0n) - WORD_BYTES,
};

const UBOOT_INSNS = 15_000_000;
const SP = 2;
const WORD_BYTES = 8n;

/** Its MMU is on from some tens of millions of instructions on; then interrupts come, and harts sleep. */
export const debianForGdb = (images: DebianImages, untilIcount = 100_000_000): GdbGuest => ({
  name: "Debian",
  machine: debianMachine(images),
  untilIcount,
  from: 30_000_000,
  watched: ({ names }) => names.named("jiffies_64").address,
});

export interface WalkedGuest {
  readonly smp: number;
  readonly seed: number;
  readonly commands: number;
  readonly folder: string;
  readonly timeoutMs: number;
}

/** @throws where gdb does not stand where it should, or shows what a replay has not */
export async function walkGuest(
  guest: GdbGuest,
  { smp, seed, commands, folder, timeoutMs }: WalkedGuest,
): Promise<void> {
  const { machine, untilIcount, from, watched } = guest;
  const path = join(folder, "guest.fold");
  const sequence = { sleep: false, untilIcount };
  await recordTyped({ seed, machine: { ...machine, smp, seed: "gdb" }, steps: [], sequence }, fileSink(path));
  const recording = openRecording(path, { index: false });
  const address = `0x${watched(recording).toString(16)}`;
  await walk({
    ...{ recording, folder, from, commands, timeoutMs, random: seededRandom(seed) },
    watched: { gdb: `*(unsigned long *)${address}`, of: `${address}:8` },
  });
  recording.close();
}
