/** What of a machine's configuration its devices depend on. */
import type { VirtioSlot } from "./virtio/devices.js";

export interface PlatformConfig {
  readonly harts: number;
  /** The device in each virtio slot, from slot 0; slots beyond are empty. */
  readonly virtio: readonly VirtioSlot[];
}
