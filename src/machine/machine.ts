/**
 * A machine that runs: an engine, the devices' slices, and the clock, moved by instructions and by events.
 *
 * It works in place, and hands out its states as values. It is deterministic: the same events at the same positions
 * make the same machine, on every engine.
 */
import * as bottomHalves from "../reducers/bottom-halves.js";
import * as clint from "../reducers/clint.js";
import * as clock from "../reducers/clock.js";
import type { Effect } from "../reducers/device.js";
import type { MachineEvent, Position } from "../reducers/events.js";
import { outstandingEffects } from "../reducers/outstanding-effects.js";
import * as power from "../reducers/power.js";
import { codeAt, whereaboutsOf, type Whereabouts } from "./code-at.js";
import { Devices } from "./devices.js";
import { diagnose, type Diagnosis } from "./diagnosis.js";
import type { DiskImage } from "./disk/disk-image.js";
import type { Bus, Engine } from "./engine/engine.js";
import type { EngineStatistics } from "./engine/engine-statistics.js";
import { WasmEngine } from "./engine/wasm-engine.js";
import { WAITING } from "./hart/fields.js";
import { PRIVILEGE } from "./hart/mstatus.js";
import { hartState, loadHart } from "./hart/registers.js";
import { withEvent } from "./history.js";
import { HartInterruptLines } from "./interrupt-lines.js";
import { RamImage } from "./ram-image.js";
import { hashState } from "./state-hash.js";
import type { MachineState } from "./state.js";

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
/**
 * The first is short, and each may be as long as all before it: V8 brings optimised code into use where a function is called, and
 * the interpreter's loop is one call. One of some million instructions would stay with the code that V8 makes first.
 */
const FIRST_BUDGET = 200_000;
/** The exit code of a machine that can't go on. */
const LOCKED_UP = 1;
const TIMER_FIRED: MachineEvent = Object.freeze({ type: "clint/timerFired", hart: 0 });
/** A deadline that can't be reached. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** What `deadlineIcount` came to, and from what. */
interface Deadline {
  readonly timers?: clint.ClintState;
  readonly clock?: clock.ClockState;
  readonly icount: number;
}

export class Machine {
  onEffect: (effect: Effect) => void;
  private readonly engine: Engine;
  private readonly ramImage: RamImage;
  private readonly devices: Devices;
  private history: bigint;
  private clock: clock.ClockState;
  private seq = 0;
  private icount = 0;
  /** Of the engine's next call. */
  private longestBudget = FIRST_BUDGET;
  private isRunning = false;
  private isBrokenOff = false;
  /** The hash of the present position: whoever puts it into the stream has it compared there at once. */
  private hashed: { readonly seq: number; readonly hash: bigint } | undefined;
  /** Where the present run of the engine ends at the latest. */
  private endIcount = 0;
  private deadline: Deadline = { icount: NEVER };
  private readonly interruptLines = new HartInterruptLines();
  private statesTaken = 0;
  private hashesTaken = 0;

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
      load: (address, width) => this.devices.load(address, width),
      store: (address, width, value) => this.devices.store(address, width, value),
    };
    this.engine = engine(bus, initial.config.memoryBytes);
    this.ramImage = new RamImage(this.engine);
    this.devices = new Devices(this.engine, initial, disks, {
      presentNs: () => this.presentNs,
      effect: (effect) => {
        this.onEffect(effect);
      },
      changed: () => {
        this.lookAround();
      },
    });
    this.history = initial.history;
    this.clock = initial.clock;
    this.engine.rom.set(initial.rom);
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
    const icount = this.isRunning ? this.engine.icountInRun() : this.icount;
    return clock.virtualNs(this.clock, this.initial.config.shift, icount);
  }

  /** The first icount at which the virtual clock will have come so far, unless it warps. */
  icountAt(virtualNs: bigint): number {
    const icount = clock.icountAt(this.clock, this.initial.config.shift, virtualNs);
    return icount > BigInt(NEVER) ? NEVER : Number(icount);
  }

  /** What the state still waits for from the outside: asked for again by a machine that goes on from it. */
  get outstandingEffects(): readonly Effect[] {
    return outstandingEffects(this.devices.platform);
  }

  /** How the machine ended, once it has. */
  get ended(): power.PowerState["off"] {
    return this.devices.power.off;
  }

  /** Why it is stuck, if it is: in more words than its end has, and as far as this machine itself ran there. */
  get diagnosis(): Diagnosis {
    return diagnose(this.engine);
  }

  /** All harts wait, for what is not there: only an event can change anything. */
  get isIdle(): boolean {
    const { registers } = this.engine;
    const lines = BigInt(this.interruptLines.of(this.devices.platform));
    const pending = (registers.field("mip") | lines) & registers.field("mie");
    const waiting = registers.field("waiting");
    return waiting === WAITING.forTaken || (waiting === WAITING.forPending && pending === 0n);
  }

  /** The host has yet to answer a disk's request. */
  get awaitsDisk(): boolean {
    return this.devices.awaitsDisk;
  }

  get isWaitingForHostClock(): boolean {
    return this.devices.waitsForHostClock;
  }

  /** The virtual time of the next timer; undefined when none is armed. */
  get deadlineNs(): bigint | undefined {
    return clint.deadlineNs(this.devices.platform.clint, 0);
  }

  /** Where the hart is, without taking a state. */
  get whereabouts(): Whereabouts {
    return whereaboutsOf(this.engine);
  }

  /** The instruction at a virtual address as the hart would fetch it now, without doing so; undefined where none is. */
  codeAt(virtual: bigint): number | undefined {
    return codeAt(this.engine, virtual);
  }

  statistics(): MachineStatistics {
    const { loads, stores } = this.devices;
    const { statesTaken, hashesTaken } = this;
    return { engine: this.engine.statistics?.(), loads, stores, statesTaken, hashesTaken };
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
    this.engine.endRun();
  }

  /** The event that must come next, where the state itself says so. */
  due(): MachineEvent | undefined {
    const {
      platform,
      power: { request },
    } = this.devices;
    if (request !== null) {
      return request.kind === "reset"
        ? { type: "machine/reset", cause: power.causeOf(request) }
        : { type: "machine/shutdown", cause: power.causeOf(request), code: request.code };
    }
    if (this.isLockedUp()) {
      return {
        type: "machine/shutdown",
        cause: power.trapLoopCause(this.engine.registers.field("pc")),
        code: LOCKED_UP,
      };
    }
    const id = bottomHalves.nextBottomHalf(platform.bottomHalves);
    if (id !== undefined) return { type: "bottomHalf/ran", id };
    return this.icount >= this.deadlineIcount() ? TIMER_FIRED : undefined;
  }

  /** Whether the device that an input is for can take it now. */
  accepts(event: MachineEvent): boolean {
    switch (event.type) {
      case "clock/warped":
        return this.isIdle && this.virtualNs + event.byNs <= (this.deadlineNs ?? this.virtualNs + event.byNs);
      case "machine/reset":
      case "checkpoint/hashed":
        return true;
      default:
        return this.devices.accepts(event);
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
    this.statesTaken += 1;
    return {
      ...this.stateBesideMemory(),
      ram: this.ramImage.capture(),
      rom: this.initial.rom,
    };
  }

  /** Goes to any state of this machine, earlier or later; costs the pages that differ. */
  load(state: MachineState): void {
    const [hart] = state.harts;
    if (hart === undefined) throw new Error("a state without a hart");
    loadHart(this.engine.registers, hart);
    this.ramImage.load(state.ram);
    this.devices.loadState(state);
    this.history = state.history;
    this.clock = state.clock;
    this.seq = state.position.seq;
    this.icount = state.position.icount;
    this.hashed = undefined;
    this.engine.invalidate();
    this.engine.notes.forgetNotes();
    this.showLines();
  }

  /** The hash of the present state; costs what was written since the last one. */
  hash(): bigint {
    if (this.hashed?.seq === this.seq) return this.hashed.hash;
    this.hashesTaken += 1;
    const hash = hashState({ ...this.stateBesideMemory(), ramDigest: this.ramImage.digest() });
    this.hashed = { seq: this.seq, hash };
    return hash;
  }

  private stateBesideMemory(): Omit<MachineState, "ram" | "rom"> {
    return {
      config: this.initial.config,
      position: this.position,
      history: this.history,
      clock: this.clock,
      harts: [hartState(this.engine.registers)],
      ...this.devices.state(),
    };
  }

  /** In a trap loop that no interrupt will ever end: in M mode none is taken, in S mode those that are M mode's. */
  private isLockedUp(): boolean {
    if (!this.engine.isInTrapLoop) return false;
    const { registers } = this.engine;
    return (
      registers.field("privilege") === PRIVILEGE.machine ||
      (registers.field("mie") & ~registers.field("mideleg")) === 0n
    );
  }

  private stopHere(): Stop | undefined {
    if (this.devices.power.off !== null) return "off";
    if (this.devices.waitsForHostClock) return "hostClock";
    return this.due() === undefined ? undefined : "due";
  }

  private engineRun(untilIcount: number): ReturnType<Engine["run"]> {
    const { engine } = this;
    const insns = Math.min(untilIcount - this.icount, this.longestBudget);
    const endIcount = this.icount + insns;
    this.endIcount = endIcount;
    const wasInTrapLoop = engine.isInTrapLoop;
    this.hashed = undefined;
    this.isRunning = true;
    this.isBrokenOff = false;
    const { biasNs: clockBiasNs } = this.clock;
    const end = engine.run({ insns, endIcount, clockBiasNs, clockShift: this.initial.config.shift });
    this.isRunning = false;
    const { remainingInsns } = engine;
    this.icount = endIcount - remainingInsns;
    if (this.longestBudget < MAX_BUDGET)
      this.longestBudget = Math.min(this.longestBudget + insns - remainingInsns, MAX_BUDGET);
    // The traps that led into the loop retired nothing: one instruction is counted for them, or the states before and
    // after would have the same position.
    if (end === "idle" && !wasInTrapLoop && engine.isInTrapLoop) this.icount += 1;
    return end;
  }

  /** Where the next timer fires. Asked at every boundary, and another one only with another CLINT or clock. */
  private deadlineIcount(): number {
    const { deadline, clock: time } = this;
    const { clint: timers } = this.devices.platform;
    if (deadline.timers !== timers || deadline.clock !== time) {
      const { deadlineNs } = this;
      this.deadline = { timers, clock: time, icount: deadlineNs === undefined ? NEVER : this.icountAt(deadlineNs) };
    }
    return this.deadline.icount;
  }

  private reduce(event: MachineEvent): void {
    switch (event.type) {
      case "clock/warped":
        this.clock = clock.reduce(this.clock, event);
        break;
      case "machine/reset":
        // Time and positions go on: a reset is an event like any other.
        this.load({
          ...this.initial,
          ...this.devices.stateAtReset(),
          position: this.position,
          history: this.history,
          clock: this.clock,
        });
        break;
      case "checkpoint/hashed":
        break;
      default:
        this.devices.reduce(event);
    }
  }

  /** What is due now, or before the budget ends, ends the run after this instruction. */
  private lookAround(): void {
    this.showLines();
    if (this.due() !== undefined || this.deadlineIcount() < this.endIcount) this.engine.endRun();
  }

  /** Shows the hart what the devices' lines and mtime are now. */
  private showLines(): void {
    const { platform } = this.devices;
    this.engine.showInputs(this.interruptLines.of(platform), clint.mtimeOffset(platform.clint));
  }
}
