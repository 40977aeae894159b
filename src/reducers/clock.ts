/** The virtual clock: bias + (icount << shift), in ns. Only a warp moves the bias. */
import * as t from "io-ts";

import type { EventIn, EventTable } from "./event-table.js";
import { U64 } from "./scalars.js";

export const CLOCK_EVENTS = {
  /** All harts were idle, and the virtual clock jumped ahead. */
  "clock/warped": { wireId: 3, origin: "input", payload: { byNs: U64 } },
} as const satisfies EventTable;

export const ClockState = t.readonly(t.type({ biasNs: U64 }));
export type ClockState = t.TypeOf<typeof ClockState>;

export const initialState: ClockState = { biasNs: 0n };

export const reduce = (state: ClockState, event: EventIn<typeof CLOCK_EVENTS>): ClockState => ({
  biasNs: state.biasNs + event.byNs,
});

export const virtualNs = ({ biasNs }: ClockState, shift: number, icount: number): bigint =>
  biasNs + (BigInt(icount) << BigInt(shift));

/** The first icount at which the virtual clock has reached the deadline. */
export const icountAt = ({ biasNs }: ClockState, shift: number, deadlineNs: bigint): bigint => {
  const needed = deadlineNs - biasNs;
  if (needed <= 0n) return 0n;
  const instructionNs = 1n << BigInt(shift);
  return (needed + instructionNs - 1n) / instructionNs;
};
