/** Puts devices into the virtio slots that are left. */
import type { MachineConfig } from "../reducers/machine-config.js";
import { VIRTIO_SLOTS } from "../reducers/platform.js";

/** Each in the first slot that has no other device, so that they are in order; undefined: there are too few. */
export function inFreeSlots(
  virtio: MachineConfig["virtio"],
  devices: MachineConfig["virtio"],
): MachineConfig["virtio"] | undefined {
  const slots = [...virtio];
  let slot = 0;
  for (const device of devices) {
    while ((slots[slot] ?? "none") !== "none") slot += 1;
    slots[slot] = device;
  }
  return slots.length > VIRTIO_SLOTS ? undefined : slots;
}
