/**
 * The devices of a machine that runs: their slices, the disks and the power switch, moved by the guest's accesses and by
 * events. What goes beyond a slice, such as a virtqueue in RAM, is reached from here.
 */
import * as bottomHalves from "../reducers/bottom-halves.js";
import * as clint from "../reducers/clint.js";
import type { BusAccess, Effect, Surroundings } from "../reducers/device.js";
import type { MachineEvent } from "../reducers/events.js";
import * as goldfishRtc from "../reducers/goldfish-rtc.js";
import { interruptLines, resetPlatform, withSlices, type PlatformState } from "../reducers/platform.js";
import * as power from "../reducers/power.js";
import * as uart16550 from "../reducers/uart16550.js";
import { parseVirtioBottomHalf, type VirtioState } from "../reducers/virtio.js";
import { decodeBusAddress, loadedAt, storedAt, type BusDevice } from "./bus.js";
import { Disk } from "./disk/disk.js";
import type { DiskImage } from "./disk/disk-image.js";
import type { DiskState } from "./disk/disk-state.js";
import type { Bus, Engine } from "./engine/engine.js";
import { ramAccess } from "./ram-access.js";
import type { MachineState } from "./state.js";
import { receiveRoom } from "./virtio/console.js";
import type { VirtioResult } from "./virtio/device.js";
import { handleBottomHalf, handleInput } from "./virtio/devices.js";
import type { GuestMemory } from "./virtio/guest-memory.js";
import { canReceive } from "./virtio/net.js";

/** What devices need of the machine that they are in. */
export interface DevicesHost {
  /** The virtual clock at the instruction that accesses them, or at the machine's position. */
  presentNs(): bigint;
  effect(effect: Effect): void;
  /** An access changed something: what is due, and the interrupt lines, may be others now. */
  changed(): void;
}

/** Events that are a device's or the power switch's; the others are the machine's own. */
export type DeviceEvent = Exclude<
  MachineEvent,
  { readonly type: "clock/warped" | "machine/reset" | "checkpoint/hashed" }
>;

export type DevicesState = Pick<MachineState, "platform" | "power" | "disks">;

/** To each device they are also its surroundings: most accesses look at nothing of these, so nothing is worked out before. */
export class Devices implements Bus, Surroundings {
  platform: PlatformState;
  power: power.PowerState;
  /** The guest's present instruction can't go on without a reading. */
  waitsForHostClock = false;
  /** By the base of a device's registers. */
  readonly loads = new Map<number, number>();
  readonly stores = new Map<number, number>();
  private readonly disks: ReadonlyMap<number, Disk>;
  private readonly guestMemory: GuestMemory;
  /** What an access has just used up of the host's clock: an AMO's store must not ask again, or it would for ever. */
  private usedReading: { readonly icount: number; readonly hostNs: bigint } | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly initial: DevicesState,
    images: ReadonlyMap<number, DiskImage>,
    private readonly host: DevicesHost,
  ) {
    this.guestMemory = ramAccess(engine);
    this.platform = initial.platform;
    this.power = initial.power;
    this.disks = new Map(
      initial.disks.map((state) => {
        const image = images.get(state.slot);
        if (image === undefined) throw new Error(`no image for the disk in slot ${String(state.slot)}`);
        return [state.slot, new Disk(image, state)];
      }),
    );
  }

  get virtualNs(): bigint {
    return this.host.presentNs();
  }

  get interruptLines(): bigint {
    return interruptLines(this.platform);
  }

  state(): DevicesState {
    return { platform: this.platform, power: this.power, disks: this.diskStates() };
  }

  loadState({ platform, power: loaded, disks }: DevicesState): void {
    for (const disk of disks) this.diskAt(disk.slot).state = disk;
    this.platform = platform;
    this.power = loaded;
    this.waitsForHostClock = false;
    this.usedReading = undefined;
  }

  /** As after a reset. Disks keep what was written to them. */
  stateAtReset(): DevicesState {
    const { platform, power: initialPower } = this.initial;
    return { platform: resetPlatform(platform, this.platform), power: initialPower, disks: this.diskStates() };
  }

  /** The host has yet to answer a disk's request. */
  get awaitsDisk(): boolean {
    return this.platform.virtio.some(({ device }) => device.kind === "blk" && device.inFlight.length > 0);
  }

  /** Whether the device that an input is for can take it now. */
  accepts(event: DeviceEvent): boolean {
    switch (event.type) {
      case "uart16550/byteReceived":
        return uart16550.receiveRoom(this.platform.uart16550) > 0;
      case "virtioConsole/bytesReceived":
        return this.hasVirtio(event.slot) && event.bytes.length <= receiveRoom(this.virtioSlot(event.slot));
      case "virtioRng/entropyProvided":
        return this.hasVirtio(event.slot) && this.virtioSlot(event.slot).device.kind === "rng";
      case "virtioNet/frameReceived":
        return (
          this.hasVirtio(event.slot) && canReceive(this.guestMemory, this.virtioSlot(event.slot), event.frame.length)
        );
      case "virtioNet/linkChanged":
        return this.hasVirtio(event.slot) && this.virtioSlot(event.slot).device.kind === "net";
      case "virtioBlk/requestCompleted":
        return event.id < (this.disks.get(event.slot)?.state.nextRequest ?? 0);
      case "goldfishRtc/hostClockRead":
        return this.waitsForHostClock;
      case "machine/resetRequested":
        return this.power.request === null;
      default:
        return true;
    }
  }

  /** Reduces an event, between two runs. */
  reduce(event: DeviceEvent): void {
    const { platform } = this;
    switch (event.type) {
      case "uart16550/byteReceived":
        this.platform = withSlices(platform, { uart16550: uart16550.reduce(platform.uart16550, event) });
        break;
      case "clint/timerFired":
        this.platform = withSlices(platform, { clint: clint.reduce(platform.clint, event, this) });
        break;
      case "bottomHalf/ran": {
        this.platform = withSlices(platform, { bottomHalves: bottomHalves.reduce(platform.bottomHalves, event) });
        const bottomHalf = parseVirtioBottomHalf(event.id);
        if (bottomHalf === undefined) throw new Error(`no bottom half has the id ${event.id}`);
        const { slot } = bottomHalf;
        const disk = this.disks.get(slot);
        this.takeVirtio(slot, handleBottomHalf(this.guestMemory, this.virtioSlot(slot), bottomHalf, disk));
        break;
      }
      case "goldfishRtc/hostClockRead":
      case "goldfishRtc/alarmFired":
        this.platform = withSlices(platform, { goldfishRtc: goldfishRtc.reduce(platform.goldfishRtc, event) });
        this.waitsForHostClock &&= event.type !== "goldfishRtc/hostClockRead";
        break;
      case "virtioRng/entropyProvided":
      case "virtioConsole/bytesReceived":
      case "virtioNet/frameReceived":
      case "virtioNet/linkChanged":
      case "virtioBlk/requestCompleted":
        this.takeVirtio(event.slot, handleInput(this.guestMemory, this.virtioSlot(event.slot), event));
        break;
      case "machine/resetRequested":
      case "machine/shutdown":
        this.power = power.reduce(this.power, event);
        break;
      default:
        event satisfies never;
    }
  }

  load(address: bigint, width: number): bigint | undefined {
    const target = decodeBusAddress(address, width);
    if (target === undefined) return undefined;
    const { device, access } = target;
    countUp(this.loads, device.region.base);
    const event = loadedAt(access);
    if (this.mustWait(device, event)) return 0n;
    const value = device.load(this.platform, access, this);
    if (device.loadHasEffect(access)) this.access(device, event);
    return value;
  }

  store(address: bigint, width: number, value: bigint): boolean {
    const target = decodeBusAddress(address, width);
    if (target === undefined) return false;
    countUp(this.stores, target.device.region.base);
    const event = storedAt(target.access, value);
    if (!this.mustWait(target.device, event)) this.access(target.device, event);
    return true;
  }

  /** Puts the instruction off until the host's clock has been read. */
  private mustWait(device: BusDevice, event: BusAccess): boolean {
    const { engine } = this;
    const before = this.platform.goldfishRtc.readingNs;
    if (!device.waitsForHostClock(this.platform, event)) {
      if (before !== undefined) this.usedReading = { icount: engine.icountInRun(), hostNs: before };
      return false;
    }
    if (this.usedReading?.icount === engine.icountInRun()) {
      const { hostNs } = this.usedReading;
      const goldfish = goldfishRtc.reduce(this.platform.goldfishRtc, { type: "goldfishRtc/hostClockRead", hostNs });
      this.platform = withSlices(this.platform, { goldfishRtc: goldfish });
      return false;
    }
    this.waitsForHostClock = true;
    engine.restartInstruction();
    this.host.effect({ type: "hostClock/requested" });
    return true;
  }

  private access(device: BusDevice, event: BusAccess): void {
    const effects = device.effects(this.platform, event);
    const before = this.platform;
    this.platform = device.reduce(before, event, this);
    for (const effect of effects) this.take(effect);
    if (this.platform !== before || effects.length > 0) this.host.changed();
  }

  private take(effect: Effect): void {
    switch (effect.type) {
      case "bottomHalf/scheduled":
      case "bottomHalf/oneshotScheduled":
      case "bottomHalf/cancelled":
        this.platform = withSlices(this.platform, {
          bottomHalves: bottomHalves.reduce(this.platform.bottomHalves, effect),
        });
        break;
      case "power/requested":
        this.power = power.reduce(this.power, effect);
        break;
      default:
        this.host.effect(effect);
    }
  }

  private takeVirtio(slot: number, { state, effects }: VirtioResult): void {
    this.platform = withSlices(this.platform, { virtio: this.platform.virtio.with(slot, state) });
    for (const effect of effects) this.take(effect);
  }

  private diskStates(): readonly DiskState[] {
    return [...this.disks.values()].map(({ state }) => state);
  }

  private diskAt(slot: number): Disk {
    const disk = this.disks.get(slot);
    if (disk === undefined) throw new Error(`there is no disk in slot ${String(slot)}`);
    return disk;
  }

  private hasVirtio(slot: number): boolean {
    return slot < this.platform.virtio.length;
  }

  private virtioSlot(slot: number): VirtioState {
    const state = this.platform.virtio[slot];
    if (state === undefined) throw new Error(`the platform has no virtio slot ${String(slot)}`);
    return state;
  }
}

const countUp = (counts: Map<number, number>, key: number): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};
