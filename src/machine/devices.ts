/**
 * The devices of a running machine: their states, the disks and the power switch. Accesses of the guest and events move
 * them. They also reach what goes beyond one state, such as a virtqueue in RAM.
 */
import * as bottomHalves from "../reducers/bottom-halves.js";
import type { BusAccess, Environment, Step } from "../reducers/device.js";
import { devices, isForUnit, type Unit } from "../reducers/devices.js";
import type { Effect } from "../reducers/effect.js";
import type { EventOf, MachineEvent } from "../reducers/events.js";
import { outstandingEffects, platformOf, resetPlatform, type PlatformState } from "../reducers/platform.js";
import type { ScheduleEvent } from "../reducers/schedule.js";
import * as power from "../reducers/power.js";
import type { VirtioInput } from "../reducers/virtio/devices.js";
import { parseVirtioBottomHalf, type VirtioState } from "../reducers/virtio/virtio.js";
import { BusMap, deviceAddress, loadedAt, storedAt } from "./bus.js";
import { DeviceStates } from "./device-states.js";
import type { DeviceTimers } from "./device-timers.js";
import type { DiskImage } from "./disk/disk-image.js";
import { Disks } from "./disk/disks.js";
import type { Bus, Engine } from "./engine/engine.js";
import { HostWait } from "./host-wait.js";
import type { InterruptLines } from "./interrupt-lines.js";
import { ramAccess } from "./ram-access.js";
import type { MachineState } from "./state.js";
import { canTake, handleBottomHalf, handleInput, isOwn } from "./virtio/services.js";
import type { GuestMemory } from "./virtio/guest-memory.js";

/** What devices need of their machine. */
export interface DevicesHost {
  /** The virtual clock at the accessing instruction, or else at the machine's position. */
  presentNs(): bigint;
  effect(effect: Effect): void;
  /** An access changed something, so due events and interrupt lines may have changed. */
  changed(): void;
}

/** Events of a device, of deferred work or of the power switch. All others are the machine's own. */
export type DeviceEvent = Exclude<
  MachineEvent,
  { readonly type: "clock/warped" | "clock/skewed" | ScheduleEvent["type"] | "machine/reset" | "checkpoint/hashed" }
>;

export type DevicesState = Pick<MachineState, "platform" | "power" | "disks">;

/** Also the environment that each device sees. */
export class Devices implements Bus, Environment {
  readonly units: readonly Unit[];
  readonly hostWait = new HostWait();
  readonly lines: InterruptLines;
  readonly timers: DeviceTimers;
  power: power.PowerState;
  private readonly loadCounts: Float64Array;
  private readonly storeCounts: Float64Array;
  private readonly states: DeviceStates;
  private pending: bottomHalves.BottomHalvesState;
  /** The platform of these states, built on first use. */
  private taken: PlatformState | undefined;
  private readonly timeKeeper: number;
  /** The units that take events of a type. */
  private readonly takers: ReadonlyMap<string, readonly number[]>;
  private readonly map: BusMap;
  private readonly disks: Disks;
  private readonly guestMemory: GuestMemory;

  constructor(
    private readonly engine: Engine,
    private readonly initial: DevicesState & Pick<MachineState, "config">,
    images: ReadonlyMap<number, DiskImage>,
    private readonly host: DevicesHost,
  ) {
    this.guestMemory = ramAccess(engine);
    this.units = devices(initial.config);
    this.loadCounts = new Float64Array(this.units.length);
    this.storeCounts = new Float64Array(this.units.length);
    this.states = new DeviceStates(this.units, initial.platform, initial.config.harts, (effect) => {
      this.take(effect);
    });
    this.lines = this.states.lines;
    this.timers = this.states.timers;
    this.pending = initial.platform.bottomHalves;
    this.power = initial.power;
    this.timeKeeper = this.units.findIndex(({ device }) => device.mtimeOffset !== undefined);
    this.map = new BusMap(this.units);
    this.takers = takersOf(this.units);
    this.disks = new Disks(images, initial.disks);
  }

  get virtualNs(): bigint {
    return this.host.presentNs();
  }

  get sources(): Uint32Array {
    return this.lines.sources;
  }

  get platform(): PlatformState {
    return (this.taken ??= platformOf(this.units, this.states.all, this.pending));
  }

  /** How often the guest loaded from a device, keyed by the base of its registers. */
  get loads(): ReadonlyMap<number, number> {
    return byBase(this.units, this.loadCounts);
  }

  /** The same for stores. */
  get stores(): ReadonlyMap<number, number> {
    return byBase(this.units, this.storeCounts);
  }

  /** Requests that the host has not answered yet. */
  get outstanding(): readonly Effect[] {
    return outstandingEffects(this.units, this.platform);
  }

  /** The difference mtime - ticks of the virtual clock, modulo 2^64. */
  get mtimeOffset(): bigint {
    return this.units[this.timeKeeper]?.device.mtimeOffset?.(this.states.at(this.timeKeeper)) ?? 0n;
  }

  /** Whether devices have put off work. */
  get hasWork(): boolean {
    return this.pending.pending.length > 0;
  }

  /** The id of the deferred work that runs next; undefined: none. */
  get nextBottomHalf(): string | undefined {
    return bottomHalves.nextBottomHalf(this.pending);
  }

  get diskStates(): DevicesState["disks"] {
    return this.disks.states();
  }

  state(): DevicesState {
    return { platform: this.platform, power: this.power, disks: this.disks.states() };
  }

  loadState({ platform, power: loaded, disks }: DevicesState): void {
    this.disks.load(disks);
    this.states.load(platform);
    this.pending = platform.bottomHalves;
    this.taken = platform;
    this.power = loaded;
    this.hostWait.forget();
  }

  /** The state after a reset. Disks keep what was written to them. */
  stateAtReset(): DevicesState {
    const { platform, power: initialPower } = this.initial;
    return {
      platform: resetPlatform(this.units, platform, this.platform),
      power: initialPower,
      disks: this.disks.states(),
    };
  }

  hasDeviceFor(event: DeviceEvent): boolean {
    switch (event.type) {
      case "machine/resetRequested":
      case "machine/shutdown":
      case "bottomHalf/ran":
        return true;
      default: {
        const index = this.unitFor(event);
        if (index === undefined) return false;
        return !this.unitAt(index).device.needsRam || isOwn(this.states.at(index) as VirtioState, event as VirtioInput);
      }
    }
  }

  /** Whether the device that an input is for can take it now. */
  accepts(event: DeviceEvent): boolean {
    switch (event.type) {
      case "machine/resetRequested":
        return this.power.request === null;
      case "machine/shutdown":
      case "bottomHalf/ran":
        return true;
      default: {
        const index = this.unitFor(event);
        if (index === undefined || !this.hostWait.takes(event)) return false;
        const { device } = this.unitAt(index);
        const state = this.states.at(index);
        if (!device.needsRam) return device.canTake(state, event);
        const virtio = state as VirtioState;
        return canTake(this.guestMemory, virtio, event as VirtioInput, this.disks.at(virtio.slot));
      }
    }
  }

  /** Reduces an event, between two runs. */
  reduce(event: DeviceEvent): void {
    switch (event.type) {
      case "bottomHalf/ran":
        this.runBottomHalf(event);
        break;
      case "machine/resetRequested":
      case "machine/shutdown":
        this.power = power.reduce(this.power, event);
        break;
      default: {
        const index = this.unitFor(event);
        if (index === undefined) throw new Error(`the machine has no device for ${event.type}`);
        this.hostWait.answered(event);
        const { device } = this.unitAt(index);
        const state = this.states.at(index);
        const step = device.needsRam
          ? handleInput(this.guestMemory, state as VirtioState, event as VirtioInput)
          : device.step(state, event, this);
        this.put(index, step);
      }
    }
  }

  load(high: number, low: number, width: number): bigint | undefined {
    const at = deviceAddress(high, low);
    const index = this.map.unitAt(at);
    if (index < 0) return undefined;
    const { device, place } = this.unitAt(index);
    const event = loadedAt(at - place.base, width);
    if (!device.accepts(event)) return undefined;
    this.loadCounts[index] = (this.loadCounts[index] ?? 0) + 1;
    if (device.hostWait !== undefined && this.mustWait(index, event)) return 0n;
    const value = device.load(this.states.at(index), event, this);
    if (device.loadHasEffect(event)) this.access(index, event);
    return value;
  }

  store(high: number, low: number, width: number, value: bigint): boolean {
    const at = deviceAddress(high, low);
    const index = this.map.unitAt(at);
    if (index < 0) return false;
    const { device, place } = this.unitAt(index);
    const event = storedAt(at - place.base, width, value);
    if (!device.accepts(event)) return false;
    this.storeCounts[index] = (this.storeCounts[index] ?? 0) + 1;
    if (device.hostWait === undefined || !this.mustWait(index, event)) this.access(index, event);
    return true;
  }

  /** Defers the instruction until the host has answered, if the access needs an answer. */
  private mustWait(index: number, access: BusAccess): boolean {
    const { engine, hostWait } = this;
    const unit = this.unitAt(index);
    const admission = hostWait.admit(unit, this.states.at(index), access, engine.icountInRun());
    if (admission === "goesOn") return false;
    if ("again" in admission) {
      this.taken = undefined;
      const [state] = unit.device.step(this.states.at(index), admission.again, this);
      if (this.states.set(index, state)) this.host.changed();
      return false;
    }
    engine.restartInstruction();
    this.host.effect(admission.asks);
    return true;
  }

  private access(index: number, event: BusAccess): void {
    if (this.put(index, this.unitAt(index).device.step(this.states.at(index), event, this))) this.host.changed();
  }

  private runBottomHalf(event: EventOf<"bottomHalf/ran">): void {
    this.setPending(event);
    const bottomHalf = parseVirtioBottomHalf(event.id);
    const index = this.units.findIndex(
      ({ device, index: slot }) => device.needsRam === true && slot === bottomHalf?.slot,
    );
    if (bottomHalf === undefined || index < 0) throw new Error(`no bottom half has the id ${event.id}`);
    const disk = this.disks.at(bottomHalf.slot);
    this.put(index, handleBottomHalf(this.guestMemory, this.states.at(index) as VirtioState, bottomHalf, disk));
  }

  /** Whether a step changed anything. */
  private put(index: number, step: Step<unknown>): boolean {
    this.taken = undefined;
    return this.states.put(index, step);
  }

  private take(effect: Effect): void {
    switch (effect.type) {
      case "bottomHalf/scheduled":
      case "bottomHalf/oneshotScheduled":
      case "bottomHalf/cancelled":
        this.setPending(effect);
        break;
      case "power/requested":
        this.power = power.reduce(this.power, effect);
        break;
      default:
        this.host.effect(effect);
    }
  }

  private setPending(event: bottomHalves.BottomHalfEvent): void {
    this.pending = bottomHalves.reduce(this.pending, event);
    this.taken = undefined;
  }

  private unitFor(event: DeviceEvent): number | undefined {
    for (const index of this.takers.get(event.type) ?? []) if (isForUnit(event, this.unitAt(index))) return index;
    return undefined;
  }

  private unitAt(index: number): Unit {
    return this.units[index] as Unit;
  }
}

const takersOf = (units: readonly Unit[]): ReadonlyMap<string, readonly number[]> => {
  const takers = new Map<string, number[]>();
  units.forEach(({ device }, index) => {
    for (const type of Object.keys(device.events)) takers.set(type, [...(takers.get(type) ?? []), index]);
  });
  return takers;
};

/** The counts that are not 0, keyed by the base of the device's registers. */
const byBase = (units: readonly Unit[], counts: Float64Array): ReadonlyMap<number, number> =>
  new Map(units.flatMap(({ place }, index) => (counts[index] ? [[place.base, counts[index]]] : [])));
