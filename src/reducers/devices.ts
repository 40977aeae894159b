/** The one list of devices. The platform's state, the bus, interrupts, events and the device tree derive from it. */
import { clint } from "./clint.js";
import type { Device, Place } from "./device.js";
import type { EventIn, EventTable } from "./event-table.js";
import { goldfishRtc } from "./goldfish-rtc.js";
import type { PlatformConfig } from "./platform-config.js";
import { plic } from "./plic.js";
import { testFinisher } from "./test-finisher.js";
import { uart16550 } from "./uart16550.js";
import { virtioMmio } from "./virtio-mmio.js";

/**
 * All devices that a machine can have, in QEMU's order of creation: QEMU numbers and lists device tree nodes in that
 * order.
 */
// prettier-ignore
export const DEVICES = [
  clint,
  plic,
  virtioMmio,
  testFinisher,
  uart16550,
  goldfishRtc,
] as const;

/** A device of any state, for code that works on all devices. */
export type AnyDevice = Device<string, unknown, EventTable, Place | readonly Place[]>;

/** One device of a machine, at one place. */
export interface Unit {
  readonly device: AnyDevice;
  readonly place: Place;
  /** The index among the devices of its kind; undefined: it is the only one. */
  readonly index: number | undefined;
  /** The name for display, with the index if there are several. */
  readonly label: string;
}

/** The devices of a machine. */
export const devices = (config: PlatformConfig): readonly Unit[] =>
  ALL.filter((device) => device.isPresent?.(config) ?? true).flatMap((device): readonly Unit[] => {
    const { name, place } = device;
    if ("base" in place) return [{ device, place, index: undefined, label: name }];
    return place.map((at, index) => ({ device, place: at, index, label: `${name}${String(index)}` }));
  });

/** Whether an event is for this unit. Its `slot` names one of several units. */
export const isForUnit = (event: EventIn<EventTable>, { index }: Unit): boolean =>
  index === undefined || (event as { readonly slot?: number }).slot === index;

// Each state stays with the device that made it, because a unit holds both its index and its device.
const ALL = DEVICES as readonly unknown[] as readonly AnyDevice[];
