// A device's steps, taken apart: what a test mostly wants is the state alone, or the effects alone.
import type { Access, BusAccess, Device, Environment, Place } from "../../src/reducers/device.js";
import type { Effect } from "../../src/reducers/effect.js";
import type { EventIn } from "../../src/reducers/event-table.js";

export const NOWHEN: Environment = { virtualNs: 0n, sources: [0, 0, 0] };

/** An environment with these PLIC sources high. */
export const sources = (...high: readonly number[]): Environment => {
  const words = [0, 0, 0];
  for (const source of high) words[source >> 5] = ((words[source >> 5] ?? 0) | (1 << (source & 31))) >>> 0;
  return { ...NOWHEN, sources: words };
};

export interface Stepped<State, Event> {
  readonly initialState: (config?: { readonly harts: number }) => State;
  readonly reduce: (state: State, event: BusAccess | Event, environment?: Environment) => State;
  readonly effects: (state: State, event: BusAccess | Event, environment?: Environment) => readonly Effect[];
  readonly load: (state: State, access: Access, environment?: Environment) => bigint;
}

export const stepped = <State, Events extends object>(
  device: Device<string, State, Events, Place | readonly Place[]>,
): Stepped<State, EventIn<Events>> => ({
  initialState: ({ harts } = { harts: 1 }) => device.initialState({ harts, virtio: [] }, 0),
  reduce: (state, event, environment = NOWHEN) => device.step(state, event, environment)[0],
  effects: (state, event, environment = NOWHEN) => device.step(state, event, environment)[1],
  load: (state, access, environment = NOWHEN) => device.load(state, access, environment),
});
