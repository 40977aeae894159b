/** What every device is: one value that says all about it. `devices.ts` is the list of them, and everything else is derived from that. */
import type * as t from "io-ts";

import type { DeviceNode } from "./device-node.js";
import type { Effect } from "./effect.js";
import type { EventIn } from "./event-table.js";
import type { PlatformConfig } from "./platform-config.js";

/** One access of a hart to a device register; `offset` is relative to the device's range. */
export interface Access {
  readonly offset: number;
  readonly width: 1 | 2 | 4 | 8;
}

/** The guest wrote a register: recomputed on replay, never logged. `value` is zero-extended from `width`. */
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

/** Where a device's registers are, and the PLIC source that its interrupt line is wired to, where it has one. */
export interface Place extends Region {
  readonly source?: number;
}

/** What a device may see beyond its own state, sampled at the event. Most look at nothing of it, so nothing is worked out before. */
export interface Environment {
  /** The virtual clock, in ns. */
  readonly virtualNs: bigint;
  /** The level of each PLIC source: bit `i & 31` of word `i >> 5` is source i. */
  readonly sources: ArrayLike<number>;
}

/** The state after an event (the same reference where nothing changed), and what the event asks of the world. */
export type Step<State> = readonly [state: State, effects: readonly Effect[]];

/** A virtual time at which the state expects an event. */
export interface Timer<State, Event> {
  /** Maybe a past one; undefined: none is armed, or it is too far to be reached. */
  deadlineNs(state: State): bigint | undefined;
  /** What happens at the deadline. The same deadline gives the same reference. */
  event(state: State): Event;
}

/** Accesses that can't go on without an answer of the host: the instruction is put off, and begins anew with the answer. */
export interface HostWait<State, Event> {
  /** What the access asks the host for; undefined: it can go on. */
  asks(state: State, access: BusAccess): Effect | undefined;
  /** The answer that the state holds for the access that waited; undefined: none. */
  held(state: State): Event | undefined;
  /** The answer where the host has none to give, since the machine is switched off or reset meanwhile. */
  readonly unanswered: Event;
}

/** For people to look at: `info qtree`. */
export interface DeviceBus {
  readonly type: string;
  plugged(config: PlatformConfig, unit: number): PluggedDevice | undefined;
}

export interface PluggedDevice {
  /** QEMU's name of it. */
  readonly model: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * `Name` is the device's part of the platform's state. `Events` is the table of what it takes. With several places it
 * stands there several times, each with its own state: its part is a list then.
 */
export interface Device<
  Name extends string,
  State,
  Events extends object,
  Places extends Place | readonly Place[] = Place,
> {
  readonly name: Name;
  /** QEMU's name of it, as `info qtree` shows it. */
  readonly model: string;
  /** Whether a machine has it; absent: every machine does. */
  isPresent?(config: PlatformConfig): boolean;
  readonly place: Places;
  /** Of one device's state. */
  readonly codec: t.Type<State>;
  /** `unit`: which of several it is, from 0. */
  initialState(config: PlatformConfig, unit: number): State;
  readonly events: Events;
  /** Its events need guest RAM, which no step sees: `src/machine/virtio` takes them. */
  readonly needsRam?: true;
  /** Total over (state, event); knows no clock, I/O, throw or chance. */
  step(state: State, event: BusAccess | EventIn<Events>, environment: Environment): Step<State>;
  /** Which accesses the registers answer; any other is an access fault. */
  accepts(access: Access): boolean;
  /** What a read returns: a pure query, zero-extended to 64 bits. */
  load(state: State, access: Access, environment: Environment): bigint;
  /** Whether the read changes the device, so that it is also a step, as `bus/loaded`. */
  loadHasEffect(access: Access): boolean;
  /** Whether the device has room for an input now; the host holds back what it can't take. */
  canTake(state: State, event: EventIn<Events>): boolean;
  /** The level of its interrupt output: derived, never stored. Absent: it has none. */
  interruptLine?(state: State): boolean;
  /** Of a controller whose outputs end at the harts: what it raises there, as bits of mip. */
  hartLines?(state: State, hart: number, environment: Pick<Environment, "sources">): number;
  /** Of a controller: the device at this source had a step, so its line may have been raised anew. */
  sourceMoved?(state: State, source: number): State;
  /** Of the device that keeps the harts' time: what to add to the virtual clock's ticks, modulo 2^64, to get mtime. */
  mtimeOffset?(state: State): bigint;
  readonly timer?: Timer<State, EventIn<Events>>;
  readonly hostWait?: HostWait<State, EventIn<Events>>;
  /** What it has asked of the outside and not yet been given: asked for again by a machine that goes on from a saved state. */
  outstanding?(state: State): readonly Effect[];
  /** The state after a reset of the machine; absent: the initial one. */
  afterReset?(initial: State, present: State): State;
  /** A bus of its own with what the configuration plugs into it. */
  readonly bus?: DeviceBus;
  readonly node: DeviceNode;
}
