/** The part of a machine's configuration that its devices depend on. */
import type { VirtioSlot } from "./virtio/devices.js";

export interface PlatformConfig {
  readonly harts: number;
  /** The device in each virtio slot, from slot 0. Slots beyond the list are empty. */
  readonly virtio: readonly VirtioSlot[];
}
