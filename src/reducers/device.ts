/**
 * A device is one value that says all about it. `devices.ts` lists these values, and everything else derives from the
 * list.
 */
import type * as t from "io-ts";

import type { DeviceNode } from "./device-node.js";
import type { Effect } from "./effect.js";
import type { EventIn } from "./event-table.js";
import type { PlatformConfig } from "./platform-config.js";

/** One access of a hart to a device register. `offset` is relative to the device's range. */
export interface Access {
  readonly offset: number;
  readonly width: 1 | 2 | 4 | 8;
}

/** The guest wrote a register. Replay recomputes it, so it is never logged. `value` is zero-extended from `width`. */
export interface Stored extends Access {
  readonly type: "bus/stored";
  readonly value: bigint;
}

/** The guest read a register whose read has a side effect: a FIFO pop, a claim. Never logged. */
export interface Loaded extends Access {
  readonly type: "bus/loaded";
}

export type BusAccess = Stored | Loaded;

export interface Region {
  /** The first physical address. */
  readonly base: number;
  readonly sizeBytes: number;
}

/** Where a device's registers are, and the PLIC source of its interrupt line, if it has one. */
export interface Place extends Region {
  readonly source?: number;
}

/**
 * What a device may see beyond its own state, at the event. It is computed on demand, because most steps read none of
 * it.
 */
export interface Environment {
  /** The virtual clock, in ns. */
  readonly virtualNs: bigint;
  /** The level of each PLIC source: bit `i & 31` of word `i >> 5` is source i. */
  readonly sources: ArrayLike<number>;
}

/** The state after an event (the same reference if nothing changed), and what the event asks of the world. */
export type Step<State> = readonly [state: State, effects: readonly Effect[]];

/** A virtual time at which the state expects an event. */
export interface Timer<State, Event> {
  /** It may lie in the past. Undefined: no timer is armed, or the deadline is too far to be reached. */
  deadlineNs(state: State): bigint | undefined;
  /** The event of the deadline. The same deadline gives the same reference. */
  event(state: State): Event;
}

/** Accesses that need an answer of the host. The instruction is deferred, and starts again once the answer is there. */
export interface HostWait<State, Event> {
  /** What the access asks of the host; undefined: it needs no answer. */
  asks(state: State, access: BusAccess): Effect | undefined;
  /** The answer that the state holds for the waiting access; undefined: none. */
  held(state: State): Event | undefined;
  /** The answer to use when the host gives none, because the machine is switched off or reset meanwhile. */
  readonly unanswered: Event;
}

/** Where a value is from that a register reads, if it is from beyond the guest. */
export type RegisterOrigin =
  /** An event that the device took: `back` 0 is the last one of its type, 1 the one before. */
  | { readonly kind: "event"; readonly type: string; readonly back: number }
  /** The device at this interrupt source, which has raised its line. */
  | { readonly kind: "source"; readonly source: number }
  | { readonly kind: "clock" };

/** For display only: `info qtree`. */
export interface DeviceBus {
  readonly type: string;
  plugged(config: PlatformConfig, unit: number): PluggedDevice | undefined;
}

export interface PluggedDevice {
  /** QEMU's name of the model. */
  readonly model: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * `Name` is the device's key in the platform's state. `Events` is the table of the events that it takes. A device with
 * several places has one state for each, and its part of the platform is a list.
 */
export interface Device<
  Name extends string,
  State,
  Events extends object,
  Places extends Place | readonly Place[] = Place,
> {
  readonly name: Name;
  /** QEMU's name of the model, as `info qtree` shows it. */
  readonly model: string;
  /** Whether a machine has it; absent: every machine does. */
  isPresent?(config: PlatformConfig): boolean;
  readonly place: Places;
  /** The codec of one device's state. */
  readonly codec: t.Type<State>;
  /** `unit`: the index of the device among those of its kind, from 0. */
  initialState(config: PlatformConfig, unit: number): State;
  /**
   * What the configuration alone decides in a state, such as how many registers there are, as a plain value. A saved
   * state that has it otherwise is refused. Absent: nothing.
   */
  fixed?(state: State): unknown;
  readonly events: Events;
  /** Its events need guest RAM, which no step sees. `src/machine/virtio` handles them. */
  readonly needsRam?: true;
  /** Total over (state, event). Uses no clock, I/O, throw or chance. */
  step(state: State, event: BusAccess | EventIn<Events>, environment: Environment): Step<State>;
  /** Which accesses the registers answer. Any other is an access fault. */
  accepts(access: Access): boolean;
  /** What a read returns: a pure query, zero-extended to 64 bits. */
  load(state: State, access: Access, environment: Environment): bigint;
  /** Whether the read changes the device. It is then also a step, as `bus/loaded`. */
  loadHasEffect(access: Access): boolean;
  /** For whoever asks whence a read value came; absent, or undefined: from what the guest stored, or from nowhere. */
  origin?(state: State, access: Access, environment: Environment): RegisterOrigin | undefined;
  /** Whether the device has room for an input now. The host holds back what the device can't take. */
  canTake(state: State, event: EventIn<Events>): boolean;
  /** The level of its interrupt output: derived, never stored. Absent: it has none. */
  interruptLine?(state: State): boolean;
  /** For a controller whose outputs end at the harts: what it raises there, as bits of mip. */
  hartLines?(state: State, hart: number, environment: Pick<Environment, "sources">): number;
  /** For a controller: the device at this source had a step, so its line may have been raised again. */
  sourceMoved?(state: State, source: number): State;
  /** For the device that keeps the harts' time: the difference mtime - ticks of the virtual clock, modulo 2^64. */
  mtimeOffset?(state: State): bigint;
  readonly timer?: Timer<State, EventIn<Events>>;
  readonly hostWait?: HostWait<State, EventIn<Events>>;
  /** Requests that the host has not answered yet. A machine that continues from a saved state sends them again. */
  outstanding?(state: State): readonly Effect[];
  /** The state after a reset of the machine; absent: the initial state. */
  afterReset?(initial: State, present: State): State;
  /** A bus of its own, with the devices that the configuration plugs into it. */
  readonly bus?: DeviceBus;
  readonly node: DeviceNode;
}
