/** All devices of the machine, each a slice that is folded by itself; and what their interrupt outputs are wired to. */
import * as t from "io-ts";

import * as bottomHalves from "./bottom-halves.js";
import * as clint from "./clint.js";
import * as goldfishRtc from "./goldfish-rtc.js";
import * as plic from "./plic.js";
import * as testFinisher from "./test-finisher.js";
import * as uart16550 from "./uart16550.js";
import { interruptLine as virtioInterruptLine } from "./virtio-mmio.js";
import type { VirtioSlot } from "./virtio-slot.js";
import * as virtio from "./virtio.js";

export const PlatformState = t.readonly(
  t.type({
    clint: clint.ClintState,
    plic: plic.PlicState,
    uart16550: uart16550.Uart16550State,
    goldfishRtc: goldfishRtc.GoldfishRtcState,
    testFinisher: testFinisher.TestFinisherState,
    /** One a slot, `VIRTIO_SLOTS` in all. */
    virtio: t.readonlyArray(virtio.VirtioState),
    bottomHalves: bottomHalves.BottomHalvesState,
  }),
);
export type PlatformState = t.TypeOf<typeof PlatformState>;

/** The platform with other slices. Guests come here with every store to a device: a spread costs ten times as much. */
export const withSlices = (platform: PlatformState, slices: Partial<PlatformState>): PlatformState => ({
  clint: slices.clint ?? platform.clint,
  plic: slices.plic ?? platform.plic,
  uart16550: slices.uart16550 ?? platform.uart16550,
  goldfishRtc: slices.goldfishRtc ?? platform.goldfishRtc,
  testFinisher: slices.testFinisher ?? platform.testFinisher,
  virtio: slices.virtio ?? platform.virtio,
  bottomHalves: slices.bottomHalves ?? platform.bottomHalves,
});

export interface PlatformConfig {
  readonly harts: number;
  /** The device in each virtio slot, from slot 0; slots beyond are empty. */
  readonly virtio: readonly VirtioSlot[];
}

/** The slots and PLIC sources of QEMU's virt machine. */
export const VIRTIO_SLOTS = 8;
export const VIRTIO_SOURCE = 1;
export const UART_SOURCE = 10;
export const RTC_SOURCE = 11;

export const initialPlatform = (config: PlatformConfig): PlatformState => ({
  clint: clint.initialState(config.harts),
  plic: plic.initialState(config.harts),
  uart16550: uart16550.initialState,
  goldfishRtc: goldfishRtc.initialState,
  testFinisher: testFinisher.initialState,
  virtio: Array.from({ length: VIRTIO_SLOTS }, (_, slot) => virtio.initialState(slot, config.virtio[slot] ?? "none")),
  bottomHalves: bottomHalves.initialState,
});

/** At a reset of the machine the devices begin anew, and cables stay as they are. */
export const resetPlatform = (initial: PlatformState, present: PlatformState): PlatformState => {
  const isUnplugged = (slot: number): boolean => {
    const device = present.virtio[slot]?.device;
    return device?.kind === "net" && !device.linkUp;
  };
  return {
    ...initial,
    virtio: initial.virtio.map((state) =>
      state.device.kind === "net" && isUnplugged(state.slot)
        ? { ...state, device: { ...state.device, linkUp: false } }
        : state,
    ),
  };
};

/** The level of every PLIC source: bit i is source i. */
export const interruptLines = (platform: PlatformState): bigint => {
  let lines = 0;
  if (uart16550.interruptLine(platform.uart16550)) lines |= 1 << UART_SOURCE;
  if (goldfishRtc.interruptLine(platform.goldfishRtc)) lines |= 1 << RTC_SOURCE;
  for (const slot of platform.virtio) {
    if (virtioInterruptLine(slot)) lines |= 1 << (VIRTIO_SOURCE + slot.slot);
  }
  return BigInt(lines);
};
