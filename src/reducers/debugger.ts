/**
 * What a debugger writes into a machine that runs. It comes from outside, so a recording has it and a replay repeats
 * it.
 */
import type { EventIn, EventTable } from "./event-table.js";
import { Bytes, Count, Text, U32, U64 } from "./scalars.js";

export const DEBUGGER_EVENTS = {
  /** In RAM, from a physical address on. */
  "debugger/memoryWritten": { wireId: 50, origin: "input", payload: { address: Count, bytes: Bytes } },
  /** By its name in the ABI or the privileged specification; a CSR takes it as it would from an instruction. */
  "debugger/registerWritten": { wireId: 51, origin: "input", payload: { hart: U32, register: Text, value: U64 } },
} as const satisfies EventTable;
export type DebuggerEvent = EventIn<typeof DEBUGGER_EVENTS>;

export const isOfDebugger = (event: { readonly type: string }): event is DebuggerEvent => event.type in DEBUGGER_EVENTS;
