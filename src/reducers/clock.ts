/** The virtual clock: bias + (icount << shift), in ns. Only an event of its own moves the bias. */
import * as t from "io-ts";

import type { EventIn, EventTable } from "./event-table.js";
import type { VirtualNs } from "./position.js";
import { U64 } from "./scalars.js";

export const CLOCK_EVENTS = {
  /** All harts were idle, and the virtual clock jumped ahead. */
  "clock/warped": { wireId: 3, origin: "input", payload: { byNs: U64 } },
  /** The virtual clock jumped ahead while a hart ran: a deviation, at any position. */
  "clock/skewed": { wireId: 43, origin: "input", payload: { byNs: U64 } },
} as const satisfies EventTable;

export type ClockEvent = EventIn<typeof CLOCK_EVENTS>;

/** Whether it moves the clock; no other event does. */
export const isClockEvent = (event: { readonly type: string }): event is ClockEvent =>
  Object.hasOwn(CLOCK_EVENTS, event.type);

export const ClockState = t.readonly(t.type({ biasNs: U64 }));
export type ClockState = t.TypeOf<typeof ClockState>;

export const initialState: ClockState = { biasNs: 0n };

export const reduce = (state: ClockState, event: ClockEvent): ClockState => ({
  biasNs: state.biasNs + event.byNs,
});

export const virtualNs = ({ biasNs }: ClockState, shift: number, icount: number): VirtualNs =>
  // A double times a power of two is exact, and cheaper than a bigint's shift.
  (biasNs + BigInt(icount * 2 ** shift)) as VirtualNs;

/** The first icount at which the virtual clock has reached the deadline; Infinity: there is none below 2^53. */
export const icountAt = ({ biasNs }: ClockState, shift: number, deadlineNs: bigint): number => {
  const neededNs = deadlineNs - biasNs;
  if (neededNs <= 0n) return 0;
  // Each timer comes by here. Doubles are exact that far, and cost less than bigints.
  if (neededNs <= MAX_EXACT) return Math.ceil(Number(neededNs) / 2 ** shift);
  const icount = (neededNs + (1n << BigInt(shift)) - 1n) >> BigInt(shift);
  return icount > MAX_EXACT ? Infinity : Number(icount);
};

const MAX_EXACT = BigInt(Number.MAX_SAFE_INTEGER);
