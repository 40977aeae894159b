/**
 * A digest of every input so far, each with its position.
 *
 * State hashes cover it, so two runs with different inputs have different hashes, even if the guest ends up in the same
 * state. Otherwise an input that came one instruction earlier could pass for the recorded one.
 */
import { EVENTS, type MachineEvent } from "../reducers/events.js";
import { canonicalBytes } from "./canonical.js";
import { xxh64 } from "./digest/xxh64.js";

export const NO_HISTORY = 0n;

/** Predicted events are left out: they follow from the inputs. */
export const withEvent = (history: bigint, icount: number, event: MachineEvent): bigint =>
  EVENTS[event.type].origin === "input" ? xxh64(canonicalBytes({ icount, event }), history) : history;
