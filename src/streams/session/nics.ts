/** Network cards of a machine: what the guest sees of them, and what they are plugged into on the host. */
import type { SchedulerLike } from "rxjs";

import type { MachineConfig } from "../../reducers/machine-config.js";
import type { Backend } from "../live/backend.js";
import { network } from "../live/backends/network.js";
import { wireOf, type NetworkOptions } from "./network-options.js";
import { hexOfBytes } from "../../reducers/hex.js";

/** Whether it is one that `mac` takes. */
export { isCardAddress } from "../../reducers/virtio/net.js";

export interface NicOptions {
  /** Default: 52:54:00:12:34:56, as QEMU's, and the next ones for further cards. */
  readonly mac?: string | undefined;
  /** The other end of the cable; for `runSession`, which plugs it in. */
  readonly network?: NetworkOptions | undefined;
}

const FIRST_MAC = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56] as const;

export const nicConfigs = (nics: readonly NicOptions[]): MachineConfig["virtio"] =>
  nics.map(({ mac }, index) => ({ kind: "net", mac: mac ?? defaultMac(index) }));

/** A backend for each card that is plugged in. The cards are those of the machine, in the order of their slots. */
export function nicBackends(
  { virtio }: MachineConfig,
  nics: readonly NicOptions[],
  scheduler: SchedulerLike,
  report: (message: string) => void,
): readonly Backend[] {
  const slots = virtio.flatMap((device, slot) => (typeof device === "object" && device.kind === "net" ? [slot] : []));
  return slots.flatMap((slot, index) => {
    const options = nics[index]?.network;
    return options === undefined ? [] : [network(slot, wireOf(options, scheduler, report))];
  });
}

/** Of the n-th card of a machine, from 0. */
export const defaultMac = (index: number): string => hexOfBytes([...FIRST_MAC.slice(0, 5), FIRST_MAC[5] + index], ":");
