/**
 * A kind of virtio device (virtio 1.2 §5) is one value: its configuration, its state, and its driver's view of it.
 * Serving its queues needs guest RAM. The row of the same kind in `src/machine/virtio` does that.
 */
import type * as t from "io-ts";

import type { Effect } from "../effect.js";

export interface VirtioDevice<
  Kind extends string,
  Config,
  State extends { readonly kind: Kind },
  Events extends object,
> {
  readonly kind: Kind;
  /** The device ID that drivers look for. */
  readonly id: number;
  /**
   * What a machine's configuration puts into a slot: the kind's name if that says all, else an object with a `kind`.
   */
  readonly config: t.Type<Config>;
  /** The state that only this kind has. */
  readonly state: t.Type<State>;
  initialState(config: Config): State;
  /** What the configuration alone decides in the state, as a plain value; absent: nothing. */
  fixed?(state: State): unknown;
  /** The events that come from outside. Each names its `slot`. */
  readonly events: Events;
  readonly queues: number;
  /** The features of this kind. Those of the rings belong to all kinds. */
  features(state: State): bigint;
  /** The configuration space; absent: it has none. */
  configuration?(state: State): Uint8Array;
  storeConfiguration?(state: State, offset: number, bytes: Uint8Array): State;
  /**
   * §2.1: the state after the driver's reset. What outlives a driver stays, because every driver begins with a reset.
   */
  afterReset(state: State): State;
  /**
   * The state after the driver made a queue not ready: it drops what it took from that queue. Absent: it holds nothing.
   */
  afterQueueStopped?(state: State): State;
  /** The state after a reset of the machine; absent: the initial state. */
  afterMachineReset?(initial: State, present: State): State;
  /** Requests that the host has not answered yet; absent: it never has any. */
  outstanding?(state: State, slot: number): readonly Effect[];
}
