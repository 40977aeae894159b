/**
 * A machine that runs: an engine, the devices' slices, and the clock, moved by instructions and by events.
 *
 * It works in place, and hands out its states as values. It is deterministic: the same events at the same positions
 * make the same machine, on every engine.
 */
import * as bottomHalves from "../reducers/bottom-halves.js";
import * as clint from "../reducers/clint.js";
import * as clock from "../reducers/clock.js";
import type { BusAccess, Effect, Surroundings } from "../reducers/device.js";
import type { MachineEvent, Position } from "../reducers/events.js";
import * as goldfishRtc from "../reducers/goldfish-rtc.js";
import { outstandingEffects } from "../reducers/outstanding-effects.js";
import { interruptLines, resetPlatform, type PlatformState } from "../reducers/platform.js";
import * as power from "../reducers/power.js";
import * as uart16550 from "../reducers/uart16550.js";
import { parseVirtioBottomHalf, type VirtioState } from "../reducers/virtio.js";
import { decodeBusAddress, storedAt, type BusDevice } from "./bus.js";
import { Disk } from "./disk/disk.js";
import type { DiskImage } from "./disk/disk-image.js";
import type { DiskState } from "./disk/disk-state.js";
import type { Bus, Engine } from "./engine/engine.js";
import type { EngineStatistics } from "./engine/engine-statistics.js";
import { WasmEngine } from "./engine/wasm-engine.js";
import { RAM_BASE, ROM_BASE, ROM_BYTES, type Layout } from "./engine/layout.js";
import { WAITING } from "./hart/fields.js";
import { physicalAddress } from "./hart/peek.js";
import { PRIVILEGE } from "./hart/mstatus.js";
import { withEvent } from "./history.js";
import { hartInterruptLines } from "./inspect.js";
import { RamImage } from "./ram-image.js";
import { hashState } from "./state-hash.js";
import type { MachineState } from "./state.js";
import { receiveRoom } from "./virtio/console.js";
import type { VirtioResult } from "./virtio/device.js";
import { handleBottomHalf, handleInput } from "./virtio/devices.js";
import { canReceive } from "./virtio/net.js";
import type { GuestMemory } from "./virtio/guest-memory.js";

/**
 * Why a run came to an end: it arrived; an event is due that the state itself predicts; all harts wait for an
 * interrupt; the guest waits for a reading of the host's clock; the machine is off; somebody broke it off.
 */
export type Stop = "arrived" | "due" | "idle" | "hostClock" | "off" | "brokenOff";

/** What a machine did so far: derived, and no part of its state. */
export interface MachineStatistics {
  /** Undefined where the engine counts nothing. */
  readonly engine: EngineStatistics | undefined;
  /** Accesses to devices, by the base of their registers. */
  readonly loads: ReadonlyMap<number, number>;
  readonly stores: ReadonlyMap<number, number>;
  readonly statesTaken: number;
  readonly hashesTaken: number;
}

export type EngineFactory = (bus: Bus, ramBytes: number) => Engine;

export interface MachineOptions {
  readonly engine?: EngineFactory;
  /** What the disks hold at the start, by virtio slot: the images whose digests the configuration has. */
  readonly disks?: ReadonlyMap<number, DiskImage>;
  /** Called as they arise, within `run` and `apply`. */
  readonly onEffect?: (effect: Effect) => void;
}

/** One call of the engine is bounded, so that a run can be as long as it likes. */
const MAX_BUDGET = 1 << 30;
/** The exit code of a machine that can't go on. */
const LOCKED_UP = 1;

export class Machine {
  onEffect: (effect: Effect) => void;
  private readonly engine: Engine;
  private readonly ramImage: RamImage;
  private readonly guestMemory: GuestMemory;
  private readonly disks: ReadonlyMap<number, Disk>;
  private platform: PlatformState;
  private history: bigint;
  private clock: clock.ClockState;
  private power: power.PowerState;
  private seq = 0;
  private icount = 0;
  private waitsForHostClock = false;
  private isRunning = false;
  private readonly counts = {
    loads: new Map<number, number>(),
    stores: new Map<number, number>(),
    statesTaken: 0,
    hashesTaken: 0,
  };
  private isBrokenOff = false;
  /** What an access has just used up of the host's clock: an AMO's store must not ask again, or it would for ever. */
  private usedReading: { readonly icount: bigint; readonly hostNs: bigint } | undefined;

  constructor(
    /** The state at reset, to which the guest may also come back. */
    private readonly initial: MachineState,
    {
      engine = (bus, ramBytes) => new WasmEngine(bus, { ramBytes }),
      disks = new Map<number, DiskImage>(),
      onEffect = () => undefined,
    }: MachineOptions = {},
  ) {
    this.onEffect = onEffect;
    const bus: Bus = {
      load: (address, width) => this.busLoad(address, width),
      store: (address, width, value) => this.busStore(address, width, value),
    };
    this.engine = engine(bus, initial.config.memoryBytes);
    this.ramImage = new RamImage(this.engine);
    this.guestMemory = ramAccess(this.engine);
    this.disks = new Map(
      initial.disks.map((state) => {
        const image = disks.get(state.slot);
        if (image === undefined) throw new Error(`no image for the disk in slot ${String(state.slot)}`);
        return [state.slot, new Disk(image, state)];
      }),
    );
    this.platform = initial.platform;
    this.history = initial.history;
    this.clock = initial.clock;
    this.power = initial.power;
    this.engine.memory.rom.set(initial.rom);
    this.load(initial);
  }

  get position(): Position {
    return { seq: this.seq, icount: this.icount };
  }

  get virtualNs(): bigint {
    return clock.virtualNs(this.clock, this.initial.config.shift, this.icount);
  }

  /** The virtual clock for whoever is called by an effect: a run is not over then. */
  get presentNs(): bigint {
    return this.isRunning ? this.surroundingsInRun().virtualNs : this.virtualNs;
  }

  /** The first icount at which the virtual clock will have come so far, unless it warps. */
  icountAt(virtualNs: bigint): number {
    const icount = clock.icountAt(this.clock, this.initial.config.shift, virtualNs);
    return icount > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(icount);
  }

  /** What the state still waits for from the outside: asked for again by a machine that goes on from it. */
  get outstandingEffects(): readonly Effect[] {
    return outstandingEffects(this.platform);
  }

  /** How the machine ended, once it has. */
  get ended(): power.PowerState["off"] {
    return this.power.off;
  }

  /** All harts wait, for what is not there: only an event can change anything. */
  get isIdle(): boolean {
    const { memory } = this.engine;
    const pending = (memory.field("mip") | memory.control("interruptLines")) & memory.field("mie");
    const waiting = memory.field("waiting");
    return waiting === WAITING.forTaken || (waiting === WAITING.forPending && pending === 0n);
  }

  /** The host has yet to answer a disk's request. */
  get awaitsDisk(): boolean {
    return this.platform.virtio.some(({ device }) => device.kind === "blk" && device.inFlight.length > 0);
  }

  get isWaitingForHostClock(): boolean {
    return this.waitsForHostClock;
  }

  /** The virtual time of the next timer; undefined when none is armed. */
  get deadlineNs(): bigint | undefined {
    return clint.deadlineNs(this.platform.clint, 0);
  }

  /** Where the hart is, without taking a state. */
  get whereabouts(): { readonly pc: bigint; readonly privilege: bigint; readonly satp: bigint } {
    const { memory } = this.engine;
    return { pc: memory.field("pc"), privilege: memory.field("privilege"), satp: memory.field("satp") };
  }

  /** The instruction at a virtual address as the hart would fetch it now, without doing so; undefined where none is. */
  codeAt(virtual: bigint): number | undefined {
    const { memory } = this.engine;
    const low = this.peek(virtual, (offset) => memory.view.getUint16(memory.layout.ram + offset, true));
    if (low === undefined || (low & 3) !== 3) return low;
    const high = this.peek(virtual + 2n, (offset) => memory.view.getUint16(memory.layout.ram + offset, true));
    return high === undefined ? undefined : (low | (high << 16)) >>> 0;
  }

  statistics(): MachineStatistics {
    return { ...this.counts, engine: this.engine.statistics?.() };
  }

  /** Runs until the icount, or until an event is needed before more can run. */
  run(untilIcount: number): Stop {
    for (;;) {
      const stop = this.stopHere();
      if (stop !== undefined) return stop;
      if (this.icount >= untilIcount) return "arrived";
      const end = this.engineRun(Math.min(untilIcount, this.deadlineIcount()));
      if (this.isBrokenOff) return this.stopHere() ?? "brokenOff";
      if (end === "idle" && this.stopHere() === undefined) return "idle";
    }
  }

  /** For whoever hears an effect and wants to look at the machine: ends the run after the instruction that has it. */
  breakOff(): void {
    if (!this.isRunning) return;
    this.isBrokenOff = true;
    this.engine.memory.setControl("attention", 1n);
    this.engine.memory.cut();
  }

  /** The event that must come next, where the state itself says so. */
  due(): MachineEvent | undefined {
    const { request } = this.power;
    if (request !== null) {
      return request.kind === "reset"
        ? { type: "machine/reset", cause: power.causeOf(request) }
        : { type: "machine/shutdown", cause: power.causeOf(request), code: request.code };
    }
    if (this.isLockedUp()) {
      return { type: "machine/shutdown", cause: power.trapLoopCause(this.engine.memory.field("pc")), code: LOCKED_UP };
    }
    const id = bottomHalves.nextBottomHalf(this.platform.bottomHalves);
    if (id !== undefined) return { type: "bottomHalf/ran", id };
    const deadline = this.deadlineNs;
    if (deadline !== undefined && deadline <= this.virtualNs) return { type: "clint/timerFired", hart: 0 };
    return undefined;
  }

  /** Whether the device that an input is for can take it now. */
  accepts(event: MachineEvent): boolean {
    switch (event.type) {
      case "uart16550/byteReceived":
        return uart16550.receiveRoom(this.platform.uart16550) > 0;
      case "virtioConsole/bytesReceived":
        return this.hasVirtio(event.slot) && event.bytes.length <= receiveRoom(this.virtioSlot(event.slot));
      case "virtioRng/entropyProvided":
        return this.hasVirtio(event.slot) && this.virtioSlot(event.slot).device.kind === "rng";
      case "virtioNet/frameReceived":
        return this.hasVirtio(event.slot) && this.canReceive(event.slot, event.frame.length);
      case "virtioNet/linkChanged":
        return this.hasVirtio(event.slot) && this.virtioSlot(event.slot).device.kind === "net";
      case "virtioBlk/requestCompleted":
        return event.id < (this.disks.get(event.slot)?.state.nextRequest ?? 0);
      case "goldfishRtc/hostClockRead":
        return this.waitsForHostClock;
      case "goldfishRtc/alarmFired":
        return true;
      case "machine/resetRequested":
        return this.power.request === null;
      case "clock/warped":
        return this.isIdle && this.virtualNs + event.byNs <= (this.deadlineNs ?? this.virtualNs + event.byNs);
      default:
        return true;
    }
  }

  /** Reduces an event at the present position, which moves on by one in seq. */
  apply(event: MachineEvent): void {
    this.seq += 1;
    this.history = withEvent(this.history, this.icount, event);
    this.reduce(event);
    this.showLines();
  }

  /** The present state as a value. */
  state(): MachineState {
    this.counts.statesTaken += 1;
    return {
      config: this.initial.config,
      position: this.position,
      history: this.history,
      clock: this.clock,
      harts: [this.engine.memory.hartState()],
      platform: this.platform,
      power: this.power,
      disks: this.diskStates(),
      ram: this.ramImage.capture(),
      rom: this.initial.rom,
    };
  }

  /** Goes to any state of this machine, earlier or later; costs the pages that differ. */
  load(state: MachineState): void {
    const [hart] = state.harts;
    if (hart === undefined) throw new Error("a state without a hart");
    this.engine.memory.loadHart(hart);
    this.ramImage.load(state.ram);
    for (const disk of state.disks) this.diskAt(disk.slot).state = disk;
    this.platform = state.platform;
    this.history = state.history;
    this.clock = state.clock;
    this.power = state.power;
    this.seq = state.position.seq;
    this.icount = state.position.icount;
    this.waitsForHostClock = false;
    this.usedReading = undefined;
    this.engine.invalidate();
    this.showLines();
  }

  /** The hash of the present state; costs what was written since the last one. */
  hash(): bigint {
    this.counts.hashesTaken += 1;
    return hashState({
      config: this.initial.config,
      position: this.position,
      history: this.history,
      clock: this.clock,
      harts: [this.engine.memory.hartState()],
      platform: this.platform,
      power: this.power,
      disks: this.diskStates(),
      ramDigest: this.ramImage.digest(),
    });
  }

  /** In a trap loop that no interrupt will ever end: in M mode none is taken, in S mode those that are M mode's. */
  private isLockedUp(): boolean {
    if (!this.isInTrapLoop()) return false;
    const { memory } = this.engine;
    return memory.field("privilege") === PRIVILEGE.machine || (memory.field("mie") & ~memory.field("mideleg")) === 0n;
  }

  private isInTrapLoop(): boolean {
    return this.engine.memory.field("waiting") === WAITING.forTaken;
  }

  /** Reads where a virtual address lies in RAM, or in the ROM behind it. */
  private peek<T>(virtual: bigint, read: (offset: number) => T): T | undefined {
    const { memory } = this.engine;
    const at = physicalAddress(this.whereabouts, virtual, (physical) => {
      const offset = ramOffset(memory.layout, physical);
      return offset === undefined ? undefined : memory.view.getBigUint64(memory.layout.ram + offset, true);
    });
    const offset = at === undefined ? undefined : ramOffset(memory.layout, at);
    return offset === undefined ? undefined : read(offset);
  }

  private stopHere(): Stop | undefined {
    if (this.power.off !== null) return "off";
    if (this.waitsForHostClock) return "hostClock";
    return this.due() === undefined ? undefined : "due";
  }

  private engineRun(untilIcount: number): ReturnType<Engine["run"]> {
    const { memory } = this.engine;
    const budget = Math.min(untilIcount - this.icount, MAX_BUDGET);
    const endIcount = this.icount + budget;
    memory.setControl("endIcount", BigInt(endIcount));
    memory.setControl("clockBiasNs", this.clock.biasNs);
    memory.setControl("clockShift", BigInt(this.initial.config.shift));
    memory.setControl("attention", 0n);
    const wasInTrapLoop = this.isInTrapLoop();
    this.isRunning = true;
    this.isBrokenOff = false;
    const end = this.engine.run(budget);
    this.isRunning = false;
    this.icount = endIcount - Number(memory.control("remaining"));
    // The traps that led into the loop retired nothing: one instruction is counted for them, or the states before and
    // after would have the same position.
    if (end === "idle" && !wasInTrapLoop && this.isInTrapLoop()) this.icount += 1;
    return end;
  }

  private deadlineIcount(): number {
    const deadline = this.deadlineNs;
    return deadline === undefined ? Number.MAX_SAFE_INTEGER : this.icountAt(deadline);
  }

  private reduce(event: MachineEvent): void {
    const { platform } = this;
    switch (event.type) {
      case "uart16550/byteReceived":
        this.platform = { ...platform, uart16550: uart16550.reduce(platform.uart16550, event) };
        break;
      case "clint/timerFired":
        this.platform = { ...platform, clint: clint.reduce(platform.clint, event, this.surroundings(this.icount)) };
        break;
      case "clock/warped":
        this.clock = clock.reduce(this.clock, event);
        break;
      case "bottomHalf/ran": {
        this.platform = { ...platform, bottomHalves: bottomHalves.reduce(platform.bottomHalves, event) };
        const bottomHalf = parseVirtioBottomHalf(event.id);
        if (bottomHalf === undefined) throw new Error(`no bottom half has the id ${event.id}`);
        const { slot } = bottomHalf;
        const disk = this.disks.get(slot);
        this.takeVirtio(slot, handleBottomHalf(this.guestMemory, this.virtioSlot(slot), bottomHalf, disk));
        break;
      }
      case "goldfishRtc/hostClockRead":
      case "goldfishRtc/alarmFired":
        this.platform = { ...platform, goldfishRtc: goldfishRtc.reduce(platform.goldfishRtc, event) };
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
        this.power = power.reduce(this.power, event);
        break;
      case "machine/reset":
        // Time and positions go on: a reset is an event like any other. Disks keep what was written to them.
        this.load({
          ...this.initial,
          platform: resetPlatform(this.initial.platform, platform),
          position: this.position,
          history: this.history,
          clock: this.clock,
          disks: this.diskStates(),
        });
        break;
      case "machine/shutdown":
        this.power = power.reduce(this.power, event);
        break;
      case "checkpoint/hashed":
        break;
      default:
        event satisfies never;
    }
  }

  private busLoad(address: bigint, width: number): bigint | undefined {
    const target = decodeBusAddress(address, width);
    if (target === undefined) return undefined;
    const { device, access } = target;
    countUp(this.counts.loads, device.region.base);
    const event = { type: "bus/loaded", ...access } as const;
    if (this.mustWait(device, event)) return 0n;
    const surroundings = this.surroundingsInRun();
    const value = device.load(this.platform, access, surroundings);
    if (device.loadHasEffect(access)) this.access(device, event, surroundings);
    return value;
  }

  private busStore(address: bigint, width: number, value: bigint): boolean {
    const target = decodeBusAddress(address, width);
    if (target === undefined) return false;
    countUp(this.counts.stores, target.device.region.base);
    const event = storedAt(target.access, value);
    if (!this.mustWait(target.device, event)) this.access(target.device, event, this.surroundingsInRun());
    return true;
  }

  /** Puts the instruction off until the host's clock has been read. */
  private mustWait(device: BusDevice, event: BusAccess): boolean {
    const before = this.platform.goldfishRtc.readingNs;
    if (!device.waitsForHostClock(this.platform, event)) {
      if (before !== undefined) this.usedReading = { icount: this.engine.memory.icountInRun(), hostNs: before };
      return false;
    }
    if (this.usedReading?.icount === this.engine.memory.icountInRun()) {
      const { hostNs } = this.usedReading;
      const goldfish = goldfishRtc.reduce(this.platform.goldfishRtc, { type: "goldfishRtc/hostClockRead", hostNs });
      this.platform = { ...this.platform, goldfishRtc: goldfish };
      return false;
    }
    this.waitsForHostClock = true;
    this.engine.memory.restartInstruction();
    this.engine.memory.setControl("attention", 1n);
    this.onEffect({ type: "hostClock/requested" });
    return true;
  }

  private access(device: BusDevice, event: BusAccess, surroundings: Surroundings): void {
    const effects = device.effects(this.platform, event);
    const before = this.platform;
    this.platform = device.reduce(before, event, surroundings);
    for (const effect of effects) this.take(effect);
    if (this.platform === before && effects.length === 0) return;
    this.showLines();
    // What is due now, or before the budget ends, ends the run after this instruction.
    const { memory } = this.engine;
    if (this.due() !== undefined || BigInt(this.deadlineIcount()) < memory.control("endIcount")) {
      memory.setControl("attention", 1n);
      memory.cut();
    }
  }

  private take(effect: Effect): void {
    switch (effect.type) {
      case "bottomHalf/scheduled":
      case "bottomHalf/oneshotScheduled":
      case "bottomHalf/cancelled":
        this.platform = { ...this.platform, bottomHalves: bottomHalves.reduce(this.platform.bottomHalves, effect) };
        break;
      case "power/requested":
        this.power = power.reduce(this.power, effect);
        break;
      default:
        this.onEffect(effect);
    }
  }

  private takeVirtio(slot: number, { state, effects }: VirtioResult): void {
    this.platform = { ...this.platform, virtio: this.platform.virtio.with(slot, state) };
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

  private canReceive(slot: number, frameBytes: number): boolean {
    return canReceive(this.guestMemory, this.virtioSlot(slot), frameBytes);
  }

  private virtioSlot(slot: number): VirtioState {
    const state = this.platform.virtio[slot];
    if (state === undefined) throw new Error(`the platform has no virtio slot ${String(slot)}`);
    return state;
  }

  private surroundings(icount: number): Surroundings {
    return {
      virtualNs: clock.virtualNs(this.clock, this.initial.config.shift, icount),
      interruptLines: interruptLines(this.platform),
    };
  }

  private surroundingsInRun(): Surroundings {
    return this.surroundings(Number(this.engine.memory.icountInRun()));
  }

  /** Shows the hart what the devices' lines and mtime are now. */
  private showLines(): void {
    const { memory } = this.engine;
    const lines = hartInterruptLines(this.platform);
    memory.setControl("mtimeOffset", clint.mtimeOffset(this.platform.clint));
    if (lines === memory.control("interruptLines")) return;
    memory.setControl("interruptLines", lines);
    memory.cut();
  }
}

const countUp = (counts: Map<number, number>, key: number): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

/** From the start of RAM; ROM follows it. */
function ramOffset({ ramBytes }: Layout, physical: bigint): number | undefined {
  if (physical >= BigInt(RAM_BASE) && physical < BigInt(RAM_BASE + ramBytes)) return Number(physical) - RAM_BASE;
  if (physical >= BigInt(ROM_BASE) && physical < BigInt(ROM_BASE + ROM_BYTES))
    return ramBytes + Number(physical) - ROM_BASE;
  return undefined;
}

/** Guest RAM as devices reach it, with the engine told of what they write. */
function ramAccess(engine: Engine): GuestMemory {
  const { ram } = engine.memory;
  const offsetOf = (address: bigint, length: number): number | undefined => {
    const offset = address - BigInt(RAM_BASE);
    return offset >= 0n && offset + BigInt(length) <= BigInt(ram.length) ? Number(offset) : undefined;
  };
  return {
    read: (address, length) => {
      const offset = offsetOf(address, length);
      return offset === undefined ? undefined : ram.subarray(offset, offset + length);
    },
    write: (address, bytes) => {
      const offset = offsetOf(address, bytes.length);
      if (offset === undefined) return false;
      ram.set(bytes, offset);
      if (bytes.length > 0) engine.ramWritten(offset, bytes.length);
      return true;
    },
  };
}
