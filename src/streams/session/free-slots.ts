/** Puts devices into the virtio slots that are left. */
import type { MachineConfig } from "../../reducers/machine-config.js";
import { VIRTIO_SLOTS } from "../../reducers/platform.js";

type Slots = MachineConfig["virtio"];

/** Each in the first free slot, so that they are in order; undefined: there are too few. */
export function inFirstSlots(virtio: Slots, devices: Slots): Slots | undefined {
  const filled = fill(virtio, devices, (slots) => slots.indexOf("none"));
  // Slots behind the last device are not named where nobody named them.
  return filled?.slice(0, Math.max(virtio.length, filled.findLastIndex((device) => device !== "none") + 1));
}

/** Each in the last free slot, since the device tree lists that one first; undefined: there are too few. */
export const inLastSlots = (virtio: Slots, devices: Slots): Slots | undefined =>
  devices.length === 0 ? virtio : fill(virtio, devices, (slots) => slots.lastIndexOf("none"));

function fill(virtio: Slots, devices: Slots, choose: (slots: Slots) => number): Slots | undefined {
  const slots = Array.from({ length: VIRTIO_SLOTS }, (_, slot) => virtio[slot] ?? "none");
  for (const device of devices) {
    const slot = choose(slots);
    if (slot < 0) return undefined;
    slots[slot] = device;
  }
  return slots;
}
