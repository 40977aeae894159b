/**
 * A digest of every input that a machine was given, each with its place.
 *
 * State hashes cover it: an input that came an instruction earlier, or a reading that the guest printed and forgot, may
 * leave the same registers and memory, and would pass for the recorded one.
 */
import { EVENTS, type MachineEvent } from "../reducers/events.js";
import { canonicalBytes } from "./canonical.js";
import { xxh64 } from "./digest/xxh64.js";

export const NO_HISTORY = 0n;

/** What the state predicts is no input: it follows from them. */
export const withEvent = (history: bigint, icount: number, event: MachineEvent): bigint =>
  EVENTS[event.type].origin === "input" ? xxh64(canonicalBytes({ icount, event }), history) : history;
