/** From a physical address to the device that answers, in one table that reads like the memory map. */
import { clint } from "../reducers/clint.js";
import type { Access, BusAccess, Effect, Loaded, Stored, Surroundings } from "../reducers/device.js";
import { goldfishRtc, needsHostClock } from "../reducers/goldfish-rtc.js";
import { withSlices, type PlatformState } from "../reducers/platform.js";
import { plic } from "../reducers/plic.js";
import { testFinisher } from "../reducers/test-finisher.js";
import { uart16550 } from "../reducers/uart16550.js";
import { virtioMmio } from "../reducers/virtio-mmio.js";
import { MEMORY_MAP, type Region } from "./memory-map.js";

/** The part of a device that the bus sees. */
interface Registers<State> {
  reduce(state: State, event: BusAccess, surroundings: Surroundings): State;
  load(state: State, access: Access, surroundings: Surroundings): bigint;
  loadHasEffect(access: Access): boolean;
  accepts(access: Access): boolean;
  effects(state: State, event: BusAccess): readonly Effect[];
}

/** A device with its place in memory and in the platform's state. */
export interface BusDevice {
  readonly region: Region;
  accepts(access: Access): boolean;
  /** Undefined: must wait for a reading of the host's clock. */
  load(platform: PlatformState, access: Access, surroundings: Surroundings): bigint | undefined;
  loadHasEffect(access: Access): boolean;
  reduce(platform: PlatformState, event: BusAccess, surroundings: Surroundings): PlatformState;
  effects(platform: PlatformState, event: BusAccess): readonly Effect[];
  waitsForHostClock(platform: PlatformState, event: BusAccess): boolean;
}

interface Slice<State> {
  readonly of: (platform: PlatformState) => State;
  readonly with: (platform: PlatformState, state: State) => PlatformState;
  readonly waitsForHostClock?: (state: State, event: BusAccess) => boolean;
}

function device<State>(region: Region, registers: Registers<State>, slice: Slice<State>): BusDevice {
  return {
    region,
    accepts: (access) => registers.accepts(access),
    load: (platform, access, surroundings) => registers.load(slice.of(platform), access, surroundings),
    loadHasEffect: (access) => registers.loadHasEffect(access),
    reduce: (platform, event, surroundings) => {
      const state = slice.of(platform);
      const next = registers.reduce(state, event, surroundings);
      return next === state ? platform : slice.with(platform, next);
    },
    effects: (platform, event) => registers.effects(slice.of(platform), event),
    waitsForHostClock: (platform, event) => slice.waitsForHostClock?.(slice.of(platform), event) ?? false,
  };
}

/** By how often guests use them. */
const DEVICES: readonly BusDevice[] = [
  device(MEMORY_MAP.uart16550, uart16550, {
    of: (platform) => platform.uart16550,
    with: (platform, state) => withSlices(platform, { uart16550: state }),
  }),
  device(MEMORY_MAP.plic, plic, {
    of: (platform) => platform.plic,
    with: (platform, state) => withSlices(platform, { plic: state }),
  }),
  device(MEMORY_MAP.clint, clint, {
    of: (platform) => platform.clint,
    with: (platform, state) => withSlices(platform, { clint: state }),
  }),
  ...MEMORY_MAP.virtioMmio.map((region, slot) =>
    device(region, virtioMmio, {
      of: (platform) => virtioSlot(platform, slot),
      with: (platform, state) => withSlices(platform, { virtio: platform.virtio.with(slot, state) }),
    }),
  ),
  device(MEMORY_MAP.goldfishRtc, goldfishRtc, {
    of: (platform) => platform.goldfishRtc,
    with: (platform, state) => withSlices(platform, { goldfishRtc: state }),
    waitsForHostClock: needsHostClock,
  }),
  device(MEMORY_MAP.finisher, testFinisher, {
    of: (platform) => platform.testFinisher,
    with: (platform, state) => withSlices(platform, { testFinisher: state }),
  }),
];

export interface BusTarget {
  readonly device: BusDevice;
  readonly access: Access;
}

/** Undefined: nothing answers there, which the hart sees as an access fault. */
export function decodeBusAddress(address: bigint, width: number): BusTarget | undefined {
  if (address > 0xffff_ffffn) return undefined;
  const at = Number(address);
  for (const candidate of DEVICES) {
    const { region } = candidate;
    if (at < region.base || at >= region.base + region.sizeBytes) continue;
    const access: Access = { offset: at - region.base, width: width as Access["width"] };
    return candidate.accepts(access) ? { device: candidate, access } : undefined;
  }
  return undefined;
}

/** Member by member: a spread costs as much as all else on the way to the device. */
export const loadedAt = ({ offset, width }: Access): Loaded => ({ type: "bus/loaded", offset, width });

export const storedAt = ({ offset, width }: Access, value: bigint): Stored => ({
  type: "bus/stored",
  offset,
  width,
  value,
});

function virtioSlot(platform: PlatformState, slot: number): PlatformState["virtio"][number] {
  const state = platform.virtio[slot];
  if (state === undefined) throw new Error(`the platform has no virtio slot ${String(slot)}`);
  return state;
}
