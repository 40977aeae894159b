/** Which device a machine has in which virtio slot. */
import type { MachineConfig } from "../../reducers/machine-config.js";
import { VIRTIO_SLOTS } from "../../reducers/virtio-mmio.js";
import { OptionError } from "../../options/option-error.js";

type Slots = MachineConfig["virtio"];

export interface VirtioSlots {
  /** Without the drives, whose slots are "none" in it. */
  readonly virtio: Slots;
  /** Of each drive. */
  readonly driveSlots: readonly number[];
}

/**
 * Named devices have the slots that they are named in, drives those that they ask for. Then each network card takes the
 * first slot that is free, each other drive the last, since the device tree lists that one first. @throws {OptionError}
 */
export function virtioSlots(
  named: Slots,
  nics: Slots,
  drives: readonly { readonly slot?: number | undefined }[],
): VirtioSlots {
  if (named.length > VIRTIO_SLOTS) throw tooMany(named.length, "devices");
  const slots = Array.from({ length: VIRTIO_SLOTS }, (_, slot): Slots[number] | "drive" => named[slot] ?? "none");
  for (const { slot } of drives) {
    if (slot === undefined) continue;
    if (slots[slot] !== "none") throw new OptionError(`drive in virtio slot ${String(slot)}: ${whyNot(slot)}`);
    slots[slot] = "drive";
  }
  for (const nic of nics) slots[freeSlot(slots.indexOf("none"), nics.length, "network cards")] = nic;
  const driveSlots = drives.map(({ slot }) => {
    if (slot !== undefined) return slot;
    const last = freeSlot(slots.lastIndexOf("none"), drives.length, "drives");
    slots[last] = "drive";
    return last;
  });
  const virtio = slots.map((device) => (device === "drive" ? "none" : device));
  // Slots behind the last device are not named where nobody named them.
  const used = slots.findLastIndex((device) => device !== "none") + 1;
  return { virtio: virtio.slice(0, Math.max(named.length, used)), driveSlots };
}

function freeSlot(slot: number, count: number, what: string): number {
  if (slot < 0) throw tooMany(count, what);
  return slot;
}

const whyNot = (slot: number): string =>
  Number.isInteger(slot) && slot >= 0 && slot < VIRTIO_SLOTS
    ? "another device is there"
    : `there are slots 0 to ${String(VIRTIO_SLOTS - 1)}`;

const tooMany = (count: number, what: string): OptionError =>
  new OptionError(`${String(count)} ${what}: there are ${String(VIRTIO_SLOTS)} virtio slots in all`);
