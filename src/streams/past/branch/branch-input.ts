/** The recorded inputs as a branch takes them: what comes from outside, and when it is due. */
import { isClockEvent } from "../../../reducers/clock.js";
import { isEvent, type UncheckedEvent } from "../../../reducers/event-boundary.js";
import { rowOf, type MachineEvent } from "../../../reducers/events.js";
import { isPredictedCause } from "../../../reducers/power.js";
import type { StreamEvent } from "../../../reducers/stream-event.js";
import { BranchError } from "./branch-error.js";

/** `seq`: of the parent's event; undefined: the parent has none. `ns`: the virtual clock right before it. */
export interface InputPlace {
  readonly seq?: number | undefined;
  readonly icount: number;
  readonly ns: bigint;
}

/**
 * An input with its place: `{ seq, icount, ns, type, ...payload }`. Up to its first difference a branch has its
 * parent's events where the parent has them. From then on a deviation is due at its `icount`, all else at its `ns`.
 */
export type BranchInput = InputPlace & MachineEvent;

/** How many inputs a recording may have after the place of a fork, and a branch. */
export const MAX_BRANCH_INPUTS = 1 << 20;

/** Whether it comes from outside. A warp of the clock does, but a branch has warps of its own. */
export const isInput = (event: MachineEvent): boolean => {
  if (event.type === "clock/warped") return false;
  if (event.type === "machine/shutdown") return !isPredictedCause(event.cause);
  return rowOf(event.type).origin === "input";
};

/** A stream has the time right after an event. */
export const inputOf = (event: StreamEvent): BranchInput =>
  isClockEvent(event) ? { ...event, ns: event.ns - event.byNs } : event;

/** The event alone. @throws {BranchError} INVALID_INPUT where it is none, or is made by the machine itself. */
export function eventOf({ seq: _seq, icount: _icount, ns: _ns, ...event }: BranchInput): MachineEvent {
  const unchecked: UncheckedEvent = event;
  if (!isEvent(unchecked)) throw invalid(unchecked, "it is no event, or its members are not as its type says");
  if (!isInput(unchecked)) throw invalid(unchecked, "the machine makes it itself");
  return unchecked;
}

const invalid = ({ type }: UncheckedEvent, why: string): BranchError =>
  new BranchError("INVALID_INPUT", `the edit gives ${type}: ${why}`);

/** In the order in which they are due; of those at one instant, in the order in which they were given. */
export const inOrder = (inputs: readonly BranchInput[]): readonly BranchInput[] =>
  inputs.some((input, index) => index > 0 && compare(input, inputs[index - 1] ?? input) < 0)
    ? inputs.toSorted(compare)
    : inputs;

const compare = (a: InputPlace, b: InputPlace): number => (a.ns === b.ns ? a.icount - b.icount : a.ns < b.ns ? -1 : 1);

export const tooManyInputs = (whose: string): BranchError =>
  new BranchError(
    "TOO_MANY_INPUTS",
    `${whose} more than ${String(MAX_BRANCH_INPUTS)} inputs after the place of the fork; fork later`,
  );
