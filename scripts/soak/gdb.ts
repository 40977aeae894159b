/** A real gdb goes about in U-Boot and a boot of Debian, by random commands: see `test/support/gdb-walk.ts`. */
import { debianForGdb, UBOOT, walkGuest, type GdbGuest } from "../../test/support/gdb-guests.js";
import { withTemporaryFolder } from "../../test/support/temporary-folder.js";
import type { DebianImages } from "../debian/debian-images.js";

export interface GdbSoak {
  readonly images: DebianImages;
  readonly seed: number;
  /** How many commands, of each guest. */
  readonly commands: number;
  /** How far Debian is booted. */
  readonly insns: number;
  readonly harts: readonly number[];
  readonly report: (line: string) => void;
}

const A_COMMAND_MS = 60_000;

/** Whether gdb always stood where it should, and saw what a replay has. */
export async function soakGdb({ images, seed, commands, insns, harts, report }: GdbSoak): Promise<boolean> {
  let isRight = true;
  for (const guest of [UBOOT, debianForGdb(images, insns)]) {
    for (const smp of harts) isRight = (await isSound(guest, smp)) && isRight;
  }
  return isRight;

  async function isSound(guest: GdbGuest, smp: number): Promise<boolean> {
    const name = `${guest.name} --smp ${String(smp)}, seed ${String(seed)}`;
    try {
      const timeoutMs = commands * A_COMMAND_MS;
      await withTemporaryFolder((folder) => walkGuest(guest, { smp, seed, commands, folder, timeoutMs }));
      report(`${name}: ${String(commands)} commands of gdb`);
      return true;
    } catch (fault) {
      report(`${name}: ${fault instanceof Error ? fault.message : String(fault)}`);
      return false;
    }
  }
}
