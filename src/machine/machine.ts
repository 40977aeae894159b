/**
 * A running machine: an engine, the devices' states and the clock. Instructions and events move it.
 *
 * It works in place, and hands out its states as values. It is deterministic: on every engine, the same events at the
 * same positions make the same machine.
 */
import { check } from "../options/check.js";
import { call, exactly, maybe } from "../options/codecs.js";
import { aState, disksBySlot } from "../options/parts.js";
import type { DebuggerEvent } from "../reducers/debugger.js";
import type { Effect } from "../reducers/effect.js";
import type { EventType, MachineEvent } from "../reducers/events.js";
import { positionOf, type Position, type VirtualNs } from "../reducers/position.js";
import * as power from "../reducers/power.js";
import { atReset } from "../reducers/schedule.js";
import { codeAt, whereaboutsOf, type Whereabouts } from "./code-at.js";
import { Devices } from "./devices.js";
import type { Diagnosis } from "./diagnosis.js";
import type { DiskImage } from "./disk/disk-image.js";
import type { DiskState } from "./disk/disk-state.js";
import { EffectListeners, type EffectListener } from "./effect-listeners.js";
import type { Bus, Engine, EngineFactory, EngineOptions } from "./engine/engine.js";
import type { EngineStatistics } from "./engine/engine-statistics.js";
import type { Probed, Probes } from "./engine/probes.js";
import { WasmEngine } from "./engine/wasm-engine.js";
import { Harts, type TurnEnds } from "./harts.js";
import { withEvent } from "./history.js";
import type { Inspected } from "./inspect.js";
import { presentMemory } from "./present.js";
import { printable } from "./printed-state.js";
import { RamImage } from "./ram-image.js";
import { Runner } from "./runner.js";
import { IdleEngines, type EngineKind } from "./idle-engines.js";
import { hashState } from "./state-hash.js";
import type { MachineState } from "./state.js";
import { VirtualClock } from "./virtual-clock.js";
import { DRAM_BASE } from "./memory-map.js";
import { NotWritableError, withWrite } from "./written-state.js";

/**
 * Why a run ended. `arrived`: it reached the icount. `due`: an event that the state predicts must come first. `idle`:
 * all harts wait for an interrupt. `awaiting`: an instruction waits for the host's answer. `off`: the machine is off.
 * `brokenOff`: a listener ended it.
 */
export type Stop = "arrived" | "due" | "idle" | "awaiting" | "off" | "brokenOff";

/** What a machine did so far. Derived, and not part of its state. */
export interface MachineStatistics {
  /** Undefined if the engine counts nothing. */
  readonly engine: EngineStatistics | undefined;
  /** Accesses to devices, keyed by the base of their registers. */
  readonly loads: ReadonlyMap<number, number>;
  readonly stores: ReadonlyMap<number, number>;
  /** How each hart's turns ended. A hart that is alone has one turn without an end. */
  readonly turnEnds: readonly TurnEnds[];
  readonly statesTaken: number;
  readonly hashesTaken: number;
}

export interface MachineOptions {
  readonly engine?: EngineFactory | undefined;
  /** What the disks hold at the start, by virtio slot: the images whose digests are in the configuration. */
  readonly disks?: ReadonlyMap<number, DiskImage>;
  /** The state that it begins in, as if loaded. Default: the one at reset. */
  readonly state?: MachineState | undefined;
  /** Told what `watch` asks for, in the middle of a run or of `apply`. Changes nothing. */
  readonly probed?: ((icount: number, probed: Probed) => void) | undefined;
}

const wasmEngine: EngineFactory = (bus, options) => new WasmEngine(bus, options);

/** The virtual clock is a signed 64-bit count of ns. */
const MAX_VIRTUAL_NS = (1n << 63n) - 1n;

/** The exit code of a machine in which no instruction can retire. */
const LOCKED_UP = 1;

const STATE = exactly<{ readonly state: MachineState }>({ state: aState });
const OPTIONS = exactly<MachineOptions>({
  engine: maybe(call),
  disks: maybe(disksBySlot()),
  state: maybe(aState),
  probed: maybe(call),
});

/** One for all machines of a process. */
const idleEngines = new IdleEngines();

export class Machine {
  private readonly engineKind: EngineKind;
  private isReleased = false;
  private readonly engine: Engine;
  private readonly ramImage: RamImage;
  private readonly memory: Pick<Inspected, "harts" | "ram">;
  private readonly devices: Devices;
  private readonly harts: Harts;
  private readonly runner: Runner;
  private readonly clock: VirtualClock;
  private readonly listeners = new EffectListeners();
  private history: bigint;
  private seq = 0;
  /** The icount at which the next timer fires; Infinity: none is armed. `settle` keeps it true. */
  private deadlineIcount = Infinity;
  /**
   * The hash at the present position. A caller that puts it into an event has that event checked at once, without a
   * second hash.
   */
  private hashed: { readonly seq: number; readonly hash: bigint } | undefined;
  /** What is due at the present position, once it was found: who runs the machine, the fold and its check all ask. */
  private foundDue: MachineEvent | undefined;
  private statesTaken = 0;
  private hashesTaken = 0;

  /** @throws {OptionError} */
  constructor(
    /** The state at reset, to which the guest may return. */
    private readonly initial: MachineState,
    options: MachineOptions = {},
  ) {
    check("Machine", STATE, { state: initial });
    check("Machine", OPTIONS, options);
    const { engine = wasmEngine, disks = new Map<number, DiskImage>(), state = initial, probed } = options;
    const { config } = initial;
    const bus: Bus = {
      load: (high, low, width) => this.devices.load(high, low, width),
      store: (high, low, width, value) => this.devices.store(high, low, width, value),
    };
    const { memoryBytes: ramBytes, harts } = config;
    const engineOptions: EngineOptions = {
      ramBytes,
      harts,
      ...(probed && {
        probed: (icount, what) => {
          // What the machine only looks at ahead did not happen.
          if (!this.listeners.isSilent) probed(icount ?? this.runner.presentIcount, what);
        },
      }),
    };
    this.engineKind = { factory: engine, ramBytes, harts, isProbed: probed !== undefined };
    this.ramImage = idleEngines.lend(this.engineKind, bus, engineOptions, state.ram);
    this.engine = this.ramImage.engine;
    this.memory = presentMemory(this.engine, config.harts);
    this.runner = new Runner(this.engine, config.shift);
    this.clock = new VirtualClock(initial.clock, config.shift);
    this.devices = new Devices(this.engine, initial, disks, {
      presentNs: () => this.presentNs,
      effect: (effect) => {
        this.listeners.tell(effect);
      },
      changed: () => {
        this.lookAround();
      },
    });
    this.harts = new Harts(this.engine, this.devices.lines, initial.schedule);
    this.history = initial.history;
    this.engine.loadRom(initial.rom.read(0, initial.rom.byteLength));
    this.load(state);
  }

  /**
   * The machine is over, and whatever is asked of it throws. Its states stay what they are. Its engine serves the next
   * machine of the same guest, which need not compile the guest's code again; but not where this is called, or a
   * listener threw, in the middle of a run. Twice is once.
   */
  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    if (!this.runner.isRunning) idleEngines.takeBack(this.engineKind, this.ramImage);
    for (const part of ["engine", "ramImage", "memory", "devices", "harts", "runner"]) {
      Object.defineProperty(this, part, { get: released });
    }
  }

  get position(): Position {
    return positionOf(this.seq, this.runner.icount);
  }

  get virtualNs(): VirtualNs {
    return this.virtualNsAt(this.runner.icount);
  }

  /** The virtual clock, in ns, at another icount, if no event comes in between. */
  virtualNsAt(icount: number): VirtualNs {
    return this.clock.at(icount);
  }

  /** The icount, for a listener that an effect calls in the middle of a run: the instructions retired before. */
  get presentIcount(): number {
    return this.runner.presentIcount;
  }

  /** The virtual clock, in ns, for a listener that an effect calls in the middle of a run. */
  get presentNs(): VirtualNs {
    return this.clock.at(this.runner.presentIcount);
  }

  /** The first icount at which the virtual clock has reached the time, if it does not warp; Infinity: none. */
  icountAt(virtualNs: bigint): number {
    return this.clock.icountAt(virtualNs);
  }

  /** Calls the listener with each effect as it arises within `run` and `apply`. Returns a function that stops this. */
  listen(listener: EffectListener): () => void {
    return this.listeners.add(listener);
  }

  /** Requests that the host has not answered yet. A machine that continues from this state sends them again. */
  get outstandingEffects(): readonly Effect[] {
    return this.devices.outstanding;
  }

  /** How the machine ended; null: it has not. */
  get ended(): power.PowerState["off"] {
    return this.devices.power.off;
  }

  /** Why the machine is stuck, in more words than `ended`. Covers only what this machine itself has run. */
  get diagnosis(): Diagnosis {
    return this.harts.diagnosis;
  }

  /** All harts wait for an interrupt, so only an event can change anything. */
  get isIdle(): boolean {
    return this.harts.areIdle;
  }

  /** What was written to each disk so far. */
  get disks(): readonly DiskState[] {
    return this.devices.diskStates;
  }

  /** The host has not answered a disk's request yet. */
  get awaitsDisk(): boolean {
    return this.outstandingEffects.some(({ type }) => type === "disk/requested");
  }

  /** The event that the present instruction waits for; undefined: it does not wait. */
  get awaited(): EventType | undefined {
    return this.devices.hostWait.awaited;
  }

  /** That event in the form for "the host has no answer", for a machine that is about to be reset or switched off. */
  get unanswered(): MachineEvent | undefined {
    return this.devices.hostWait.unanswered;
  }

  /** The virtual time of the next timer, in ns; undefined when none is armed. */
  get deadlineNs(): bigint | undefined {
    return this.devices.timers.deadlineNs;
  }

  /** The hart whose turn it is. */
  get hart(): number {
    return this.harts.schedule.hart;
  }

  /** Whether it can execute: it does not wait, or what it waits for is there. */
  canRun(hart: number): boolean {
    return this.harts.canRun(hart);
  }

  /** The pc of that hart. */
  get pc(): bigint {
    return this.engine.registers.field("pc");
  }

  /** An integer register of that hart. */
  x(register: number): bigint {
    return this.engine.registers.x(register);
  }

  /** Where that hart is. Takes no state. */
  get whereabouts(): Whereabouts {
    return whereaboutsOf(this.engine);
  }

  /**
   * The instruction at a virtual address, as the hart would fetch it now. Fetches nothing. Undefined: no instruction
   * there.
   */
  codeAt(virtual: bigint): number | undefined {
    return codeAt(this.engine, virtual);
  }

  /** From now on these are told to `probed`, and no others. @throws {RangeError} where they are too many */
  watch(probes: Probes): void {
    this.engine.watch(probes);
  }

  statistics(): MachineStatistics {
    const { loads, stores } = this.devices;
    const { statesTaken, hashesTaken } = this;
    const turnEnds = this.harts.turnEnds.map((ends) => ({ ...ends }));
    return { engine: this.engine.statistics?.(), loads, stores, turnEnds, statesTaken, hashesTaken };
  }

  /** Runs until the icount (Infinity: no end), or until an event must come first. @throws {RangeError} */
  run(untilIcount: number): Stop {
    const { runner } = this;
    if (!Number.isSafeInteger(untilIcount) && untilIcount !== Infinity)
      throw new RangeError(`run: ${String(untilIcount)} is no icount: instructions are counted in whole numbers`);
    for (;;) {
      const stop = this.stopHere();
      if (stop !== undefined) return stop;
      if (runner.icount >= untilIcount) return "arrived";
      this.hashed = undefined;
      this.foundDue = undefined;
      const end = runner.run(
        Math.min(untilIcount, this.deadlineIcount, this.harts.turnEndIcount),
        this.clock.state.biasNs,
      );
      const isOther = this.passOn(this.engine.hasPaused);
      if (runner.isBrokenOff) return this.stopHere() ?? "brokenOff";
      if (end === "idle" && !isOther && this.stopHere() === undefined) return "idle";
    }
  }

  /** Runs `look` on the machine, then restores the machine. Listeners see none of its effects. */
  lookAhead<T>(look: () => T): T {
    const present = this.state();
    const { isMidway } = this;
    try {
      return this.listeners.silently(look);
    } finally {
      this.load(present);
      this.runner.isMidway = isMidway;
    }
  }

  /** For an effect's listener that wants to look at the machine: ends the run after the present instruction. */
  breakOff(): void {
    this.runner.breakOff();
  }

  /**
   * For whoever is told of an instruction that is reached, or of its store or load: ends the run before it. It is told
   * again then.
   */
  breakOffBefore(): void {
    this.runner.breakOffBefore();
  }

  /**
   * It was stopped between a trap and the first instruction of its handler: at the position of the instruction before
   * which the trap came, but in no state of that position. Nothing that is to be replayed may happen here.
   */
  get isMidway(): boolean {
    return this.runner.isMidway;
  }

  /** The event that must come next; undefined: the state predicts none. */
  due(): MachineEvent | undefined {
    return (this.foundDue ??= this.dueHere());
  }

  /** Whether the machine has the device that an input is for; where it has none, it never accepts it. */
  hasDeviceFor(event: MachineEvent): boolean {
    switch (event.type) {
      case "clock/warped":
      case "clock/skewed":
      case "machine/reset":
      case "checkpoint/hashed":
        return true;
      case "schedule/turnEnded":
      case "schedule/turnProlonged":
      case "schedule/hartPrioritized":
        return this.harts.accepts(event);
      case "debugger/memoryWritten":
      case "debugger/registerWritten":
        return this.isWritable(event);
      default:
        return this.devices.hasDeviceFor(event);
    }
  }

  /** Whether the device that an input is for can take it now. */
  accepts(event: MachineEvent): boolean {
    switch (event.type) {
      case "clock/warped":
        return this.isIdle && this.virtualNs + event.byNs <= (this.deadlineNs ?? this.virtualNs + event.byNs);
      case "clock/skewed":
        return this.virtualNs + event.byNs <= MAX_VIRTUAL_NS;
      case "schedule/turnEnded":
      case "schedule/turnProlonged":
      case "schedule/hartPrioritized":
        return this.harts.accepts(event);
      case "debugger/memoryWritten":
      case "debugger/registerWritten":
        return this.isWritable(event);
      case "machine/reset":
      case "checkpoint/hashed":
        return true;
      default:
        return this.devices.accepts(event);
    }
  }

  private isWritable(event: DebuggerEvent): boolean {
    try {
      withWrite(this.state(), event);
      return true;
    } catch (fault) {
      if (fault instanceof NotWritableError) return false;
      throw fault;
    }
  }

  /** Reduces an event at the present position, and increments seq. */
  apply(event: MachineEvent): void {
    this.foundDue = undefined;
    this.seq += 1;
    this.history = withEvent(this.history, this.runner.icount, event);
    this.reduce(event);
    this.settle();
    this.passOn(false);
  }

  /** The present state as a value. */
  state(): MachineState {
    this.statesTaken += 1;
    return printable({
      ...this.stateBesideMemory(),
      ram: this.ramImage.capture(),
      rom: this.initial.rom,
    });
  }

  /**
   * A view of the machine at its present position. Valid until the machine moves on. Takes no state: it costs only what
   * is read.
   */
  get present(): Inspected {
    const { config, rom } = this.initial;
    const { devices } = this;
    const { schedule } = this.harts;
    return {
      config,
      rom,
      schedule,
      position: this.position,
      clock: this.clock.state,
      ...this.memory,
      get platform() {
        return devices.platform;
      },
    };
  }

  /** Goes to any state of this machine, earlier or later. Costs the pages that differ. */
  load(state: MachineState): void {
    this.ramImage.load(state.ram);
    this.devices.loadState(state);
    this.harts.load(state);
    this.history = state.history;
    this.clock.state = state.clock;
    this.seq = state.position.seq;
    this.runner.icount = state.position.icount;
    this.runner.isMidway = false;
    this.hashed = undefined;
    this.foundDue = undefined;
    this.engine.invalidate();
    this.settle();
    // Of a state that a machine was in, nobody's turn is over. A forged one may say so.
    this.passOn(false);
  }

  /** The hash of the present state. Costs what was written since the last hash. */
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
      clock: this.clock.state,
      harts: this.harts.states(),
      schedule: this.harts.schedule,
      ...this.devices.state(),
    };
  }

  /** False where nothing is due. It is small, because every boundary asks. */
  private get mayBeDue(): boolean {
    const { devices } = this;
    return (
      this.runner.icount >= this.deadlineIcount ||
      devices.hasWork ||
      devices.power.request !== null ||
      this.engine.isInTrapLoop
    );
  }

  private dueHere(): MachineEvent | undefined {
    if (!this.mayBeDue) return undefined;
    const { nextBottomHalf, power: present, timers } = this.devices;
    if (present.request !== null) return power.eventOf(present.request);
    if (this.engine.isInTrapLoop && this.harts.areLockedUp) {
      const last = this.initial.config.harts === 1 ? undefined : this.hart;
      const cause = power.trapLoopCause(this.engine.registers.field("pc"), last);
      return { type: "machine/shutdown", cause, code: LOCKED_UP };
    }
    if (nextBottomHalf !== undefined) return { type: "bottomHalf/ran", id: nextBottomHalf };
    return this.runner.icount >= this.deadlineIcount ? timers.event : undefined;
  }

  private stopHere(): Stop | undefined {
    if (this.devices.power.off !== null) return "off";
    if (this.awaited !== undefined) return "awaiting";
    return this.due() === undefined ? undefined : "due";
  }

  private reduce(event: MachineEvent): void {
    switch (event.type) {
      case "clock/warped":
      case "clock/skewed":
        this.clock.reduce(event);
        break;
      case "schedule/turnEnded":
      case "schedule/turnProlonged":
      case "schedule/hartPrioritized":
        this.harts.reduce(event, this.runner.icount);
        break;
      case "machine/reset":
        // Time and positions continue: a reset is an event like any other.
        this.load({
          ...this.initial,
          ...this.devices.stateAtReset(),
          ram: this.ramImage.rewritten(this.initial.ram),
          position: this.position,
          schedule: atReset(this.harts.schedule, this.runner.icount),
          history: this.history,
          clock: this.clock.state,
        });
        break;
      case "debugger/memoryWritten":
        this.engine.writeRam(event.address - DRAM_BASE, event.bytes, "debugger");
        break;
      case "debugger/registerWritten":
        this.load(withWrite(this.state(), event));
        break;
      case "checkpoint/hashed":
        break;
      default:
        this.devices.reduce(event);
    }
  }

  /** Ends the run after this instruction if an event is due now, or becomes due before the budget ends. */
  private lookAround(): void {
    const isTurnOver = this.settle();
    if (isTurnOver || this.dueHere() !== undefined) this.runner.endCall();
    else this.runner.endCallBefore(this.deadlineIcount);
  }

  /**
   * For after each change: what follows from the devices' states and the clock. The hart sees its lines and mtime.
   * Answers whether its turn ends.
   */
  private settle(): boolean {
    const { devices } = this;
    this.deadlineIcount = this.clock.deadlineIcount(devices.timers);
    return this.harts.show(devices.mtimeOffset);
  }

  /** Whether another hart executes from here on. */
  private passOn(hasPaused: boolean): boolean {
    const isOther = this.harts.passOn(this.runner.icount, hasPaused);
    if (isOther) this.settle();
    return isOther;
  }
}

function released(): never {
  throw new Error("this machine was released: its engine serves another one");
}
