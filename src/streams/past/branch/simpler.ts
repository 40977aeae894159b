/** How an input of a future becomes simpler, and what a future is without some of its inputs. */
import type { MachineEvent } from "../../../reducers/events.js";
import { isDeviation } from "../../chaos/deviations.js";
import { keyOfAnswer } from "./answers.js";
import { inOrder, type BranchInput } from "./branch-input.js";

/** Whether the guest did not ask for it, so that it can be left out. */
export const isRemovable = (input: BranchInput): boolean => keyOfAnswer(input) === undefined;

/** Whether it has a time of its own: an answer's is that of its request, and a deviation is nothing but its place. */
export const isTimed = (input: BranchInput): boolean => isRemovable(input) && !isDeviation(input);

/**
 * Without those. A skew of the clock that is left out takes its time along: what follows stays at the instruction where
 * it was.
 */
export function without(inputs: readonly BranchInput[], gone: ReadonlySet<BranchInput>): readonly BranchInput[] {
  let skewNs = 0n;
  const kept: BranchInput[] = [];
  for (const input of inputs) {
    if (!gone.has(input)) kept.push(skewNs === 0n ? input : { ...input, ns: input.ns - skewNs });
    else if (input.type === "clock/skewed") skewNs += input.byNs;
  }
  return inOrder(kept);
}

/** Those come together with the one before them that has a time, or where the future begins. */
export function atOnce(
  inputs: readonly BranchInput[],
  hurried: ReadonlySet<BranchInput>,
  start: { readonly icount: number; readonly ns: bigint },
): readonly BranchInput[] {
  let { icount, ns } = start;
  return inOrder(
    inputs.map((input) => {
      if (!isTimed(input)) return input;
      if (hurried.has(input)) return { ...input, icount, ns };
      ({ icount, ns } = input);
      return input;
    }),
  );
}

/** A member that says how much there is of an input, and the input with less of it. */
export interface Size {
  readonly least: number;
  readonly present: number;
  readonly with: (size: number) => MachineEvent;
}

/** Undefined: there is nothing about it that could be less. */
export function sizeOf(input: BranchInput): Size | undefined {
  switch (input.type) {
    case "virtioConsole/bytesReceived":
      return {
        least: 1,
        present: input.bytes.length,
        with: (size) => ({ ...input, bytes: input.bytes.subarray(0, size) }),
      };
    case "virtioNet/frameReceived":
      return {
        least: 1,
        present: input.frame.length,
        with: (size) => ({ ...input, frame: input.frame.subarray(0, size) }),
      };
    case "schedule/turnProlonged":
      return { least: 1, present: input.byInsns, with: (byInsns) => ({ ...input, byInsns }) };
    case "clock/skewed":
      return { least: 1, present: Number(input.byNs), with: (ns) => ({ ...input, byNs: BigInt(ns) }) };
    default:
      return undefined;
  }
}
