/** The one list of devices: from it the platform's state, the bus, interrupts, events, the device tree and the rest are derived. */
import { clint } from "./clint.js";
import type { Device, Place } from "./device.js";
import type { EventIn, EventTable } from "./event-table.js";
import { goldfishRtc } from "./goldfish-rtc.js";
import type { PlatformConfig } from "./platform-config.js";
import { plic } from "./plic.js";
import { testFinisher } from "./test-finisher.js";
import { uart16550 } from "./uart16550.js";
import { virtioMmio } from "./virtio-mmio.js";

/** All that a machine can have, in the order in which QEMU makes them: it numbers and lists the device tree's nodes by that. */
// prettier-ignore
export const DEVICES = [
  clint,
  plic,
  virtioMmio,
  testFinisher,
  uart16550,
  goldfishRtc,
] as const;

/** A device with its states left open, as whoever works on all of them has it. */
export type AnyDevice = Device<string, unknown, EventTable, Place | readonly Place[]>;

/** One device of a machine, at one place. */
export interface Unit {
  readonly device: AnyDevice;
  readonly place: Place;
  /** Which of several it is; undefined: the only one. */
  readonly index: number | undefined;
  /** As people call it: of several with its index. */
  readonly label: string;
}

/** The devices of a machine. */
export const devices = (config: PlatformConfig): readonly Unit[] =>
  ALL.filter((device) => device.isPresent?.(config) ?? true).flatMap((device): readonly Unit[] => {
    const { name, place } = device;
    if ("base" in place) return [{ device, place, index: undefined, label: name }];
    return place.map((at, index) => ({ device, place: at, index, label: `${name}${String(index)}` }));
  });

/** What an event of a device's may say about which of several it is for. */
export const isForUnit = (event: EventIn<EventTable>, { index }: Unit): boolean =>
  index === undefined || (event as { readonly slot?: number }).slot === index;

// A state only ever meets the device that made it: who puts them together has one unit for both.
const ALL = DEVICES as readonly unknown[] as readonly AnyDevice[];
