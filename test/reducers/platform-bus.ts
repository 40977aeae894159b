// The devices behind their addresses, as the machine will wire them, so that a test can access registers like a guest.
import * as clint from "../../src/reducers/clint.js";
import type { BusAccess, Device, Effect, Surroundings } from "../../src/reducers/device.js";
import * as goldfishRtc from "../../src/reducers/goldfish-rtc.js";
import {
  initialPlatform,
  interruptLines,
  type PlatformConfig,
  type PlatformState,
} from "../../src/reducers/platform.js";
import * as plic from "../../src/reducers/plic.js";
import * as testFinisher from "../../src/reducers/test-finisher.js";
import * as uart16550 from "../../src/reducers/uart16550.js";
import * as virtioMmio from "../../src/reducers/virtio-mmio.js";
import type { Observation, RegisterAccess } from "../support/register-access.js";

export interface PlatformBus {
  readonly platform: PlatformState;
  readonly effects: readonly Effect[];
  access(access: RegisterAccess): Observation;
}

const BASES = {
  testFinisher: 0x10_0000,
  goldfishRtc: 0x10_1000,
  clint: 0x200_0000,
  plic: 0xc00_0000,
  uart16550: 0x1000_0000,
  virtio: 0x1000_1000,
} as const;
const HOST_NS = 1_700_000_000_123_456_789n;
const LOAD_ACCESS_FAULT = 5;
const STORE_ACCESS_FAULT = 7;

/** A platform with one hart whose virtual clock stands still at `virtualNs`. */
export const platformBus = (config: PlatformConfig, virtualNs = 1_000_000_000n): PlatformBus => {
  let platform = initialPlatform(config);
  const effects: Effect[] = [];

  const surroundings = (): Surroundings => ({ virtualNs, interruptLines: interruptLines(platform) });

  const run = <State>(
    device: Pick<Device<State>, "accepts" | "load" | "loadHasEffect" | "reduce" | "effects">,
    state: State,
    event: BusAccess,
    put: (state: State) => PlatformState,
  ): { readonly value: bigint; readonly trap: number } => {
    if (!device.accepts(event)) return { value: 0n, trap: faultOf(event) + 1 };
    const value = event.type === "bus/loaded" ? device.load(state, event, surroundings()) : 0n;
    if (event.type === "bus/stored" || device.loadHasEffect(event)) {
      effects.push(...device.effects(state, event));
      platform = put(device.reduce(state, event, surroundings()));
    }
    return { value, trap: 0 };
  };

  const dispatch = (address: number, at: (offset: number) => BusAccess): { value: bigint; trap: number } => {
    if (address >= BASES.virtio && address < BASES.virtio + 0x8000) {
      const slot = (address - BASES.virtio) >> 12;
      const state = platform.virtio[slot];
      if (state === undefined) throw new Error("no such slot");
      return run(virtioMmio.virtioMmio, state, at((address - BASES.virtio) & 0xfff), (virtio) => ({
        ...platform,
        virtio: platform.virtio.with(slot, virtio),
      }));
    }
    if (address >= BASES.uart16550)
      return run(uart16550.uart16550, platform.uart16550, at(address - BASES.uart16550), (state) => ({
        ...platform,
        uart16550: state,
      }));
    if (address >= BASES.plic)
      return run(plic.plic, platform.plic, at(address - BASES.plic), (state) => ({ ...platform, plic: state }));
    if (address >= BASES.clint)
      return run(clint.clint, platform.clint, at(address - BASES.clint), (state) => ({ ...platform, clint: state }));
    if (address < BASES.goldfishRtc)
      return run(testFinisher.testFinisher, platform.testFinisher, at(address - BASES.testFinisher), (state) => ({
        ...platform,
        testFinisher: state,
      }));
    const event = at(address - BASES.goldfishRtc);
    const rtc = goldfishRtc.needsHostClock(platform.goldfishRtc, event)
      ? goldfishRtc.reduce(platform.goldfishRtc, { type: "goldfishRtc/hostClockRead", hostNs: HOST_NS })
      : platform.goldfishRtc;
    return run(goldfishRtc.goldfishRtc, rtc, event, (state) => ({ ...platform, goldfishRtc: state }));
  };

  return {
    get platform() {
      return platform;
    },
    effects,
    access({ address, width, value }) {
      const mask = (1n << BigInt(width * 8)) - 1n;
      const result = dispatch(address, (offset) =>
        value === undefined
          ? { type: "bus/loaded", offset, width }
          : { type: "bus/stored", offset, width, value: value & mask },
      );
      const deadline = clint.deadlineNs(platform.clint, 0);
      if (deadline !== undefined && deadline <= virtualNs) {
        platform = {
          ...platform,
          clint: clint.reduce(platform.clint, { type: "clint/timerFired", hart: 0 }, { virtualNs }),
        };
      }
      return { ...result, mip: mip(platform, surroundings()) };
    },
  };
};

const faultOf = (event: BusAccess): number => (event.type === "bus/loaded" ? LOAD_ACCESS_FAULT : STORE_ACCESS_FAULT);

const mip = (platform: PlatformState, surroundings: Surroundings): bigint => {
  const { msip, mtip } = clint.hartLines(platform.clint, 0);
  const [meip, seip] = plic.hartLines(platform.plic, surroundings);
  return (
    (meip === true ? 1n << 11n : 0n) | (seip === true ? 1n << 9n : 0n) | (mtip ? 1n << 7n : 0n) | (msip ? 1n << 3n : 0n)
  );
};
