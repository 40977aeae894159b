/** What every device is: the same few names, so that the next one is written by looking at any other. */
import type { BottomHalfRequest } from "./bottom-halves.js";

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

/** What a device may see beyond its own registers, sampled at the access. */
export interface Surroundings {
  /** The virtual clock, in ns. */
  readonly virtualNs: bigint;
  /** The level of each PLIC source: bit i is source i. */
  readonly interruptLines: bigint;
}

/** A disk has a request that the host answers by id, when it likes. Offset and length are bytes; zero: discard, or write zeros. */
export interface DiskRequested {
  readonly type: "disk/requested";
  readonly slot: number;
  readonly id: number;
  readonly operation: "read" | "write" | "flush" | "zero";
  readonly offset: number;
  readonly length: number;
}

/** What a device asks of the world outside the fold. Derived from (state, event) before it is reduced. */
export type Effect =
  | { readonly type: "console/transmitted"; readonly port: "uart16550"; readonly bytes: Uint8Array }
  | {
      readonly type: "console/transmitted";
      readonly port: "virtioConsole";
      readonly slot: number;
      readonly bytes: Uint8Array;
    }
  | { readonly type: "hostClock/requested" }
  | { readonly type: "rtcAlarm/armed"; readonly hostNs: bigint }
  | { readonly type: "rtcAlarm/cleared" }
  | { readonly type: "entropy/requested"; readonly slot: number; readonly length: number }
  | { readonly type: "network/transmitted"; readonly slot: number; readonly frame: Uint8Array }
  /** A machine that goes on from a saved state had its cable out: is it in now? */
  | { readonly type: "network/unplugged"; readonly slot: number }
  /** A frame that was sent to the guest no longer waits for it. */
  | { readonly type: "network/received"; readonly slot: number }
  | DiskRequested
  | BottomHalfRequest
  | { readonly type: "power/requested"; readonly request: "shutdown" | "panic" | "reset"; readonly code: number };

export interface Device<State, Input = never> {
  readonly initialState: State;
  /** Total over (state, event); knows no clock, I/O, throw or chance. Returns the same reference where nothing changes. */
  reduce(state: State, event: BusAccess | Input, surroundings: Surroundings): State;
  /** What a read returns: a pure query, zero-extended to 64 bits. */
  load(state: State, access: Access, surroundings: Surroundings): bigint;
  /** Whether the read changes the device, so that it is also reduced as `bus/loaded`. */
  loadHasEffect(access: Access): boolean;
  /** Which accesses the registers answer; any other is an access fault, as in QEMU. */
  accepts(access: Access): boolean;
  /** What the event asks of the outside; called with the state before the reduction. */
  effects(state: State, event: BusAccess | Input): readonly Effect[];
  /** The level of the device's interrupt output: derived, never stored. */
  interruptLine(state: State): boolean;
}

/** A device whose lines end at the harts, of which there are as many as the machine has: CLINT and PLIC. */
export type InterruptController<State, Input = never> = Omit<Device<State, Input>, "initialState" | "interruptLine"> & {
  initialState(harts: number): State;
};
