/**
 * What a kind of virtio device is (virtio 1.2 §5), as one value: what its configuration, its state and its driver see of it.
 * How it serves its queues needs guest RAM, and is in `src/machine/virtio`, by the same kind.
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
  /** What a machine's configuration puts into a slot: the kind's name where that says all, else an object with a `kind`. */
  readonly config: t.Type<Config>;
  /** What it alone remembers, beside what all have. */
  readonly state: t.Type<State>;
  initialState(config: Config): State;
  /** What comes to it from outside; each says its `slot`. */
  readonly events: Events;
  readonly queues: number;
  /** Its own ones; those of the rings are all devices'. */
  features(state: State): bigint;
  /** Its configuration space; absent: it has none. */
  configuration?(state: State): Uint8Array;
  storeConfiguration?(state: State, offset: number, bytes: Uint8Array): State;
  /** §2.1: after the driver's reset, with what outlives drivers, since a reset is how every driver begins. */
  afterReset(state: State): State;
  /** After the driver made a queue not ready, with what it had taken from it; absent: it takes nothing that lasts. */
  afterQueueStopped?(state: State): State;
  /** After a reset of the machine; absent: the initial one. */
  afterMachineReset?(initial: State, present: State): State;
  /** What it has asked of the outside and not yet been given; absent: nothing ever. */
  outstanding?(state: State, slot: number): readonly Effect[];
}
