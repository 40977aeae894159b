/** What a branch is, before anything of it runs: how far it is its parent, and what its machine and inputs are then. */
import type { MachineState } from "../../../machine/state.js";
import type { PlainPosition } from "../../../reducers/position.js";
import type { ChaosOptions } from "../../chaos/chaos-options.js";
import type { Recording } from "../recording.js";
import type { BranchInput } from "./branch-input.js";
import { firstDifference } from "./edited.js";
import { parentBefore, readingUpTo, type ForkPoint } from "./fork-point.js";
import type { FutureOptions } from "./future.js";

export interface BranchPlan {
  readonly recording: Recording;
  readonly point: ForkPoint;
  /** Up to there the parent's events are the branch's. */
  readonly follow: PlainPosition;
  /** From there on it differs. Undefined: nowhere; it is its parent. */
  readonly future: { readonly inputs: readonly BranchInput[]; readonly options: FutureOptions } | undefined;
  /** The state where the parent is left, where that is not the parent's: of another kernel, or patched. */
  readonly start: MachineState | undefined;
  readonly isPatched: boolean;
  /** Where it ends at the latest, whatever it is by then. */
  readonly untilIcount: number;
}

export interface PlanOptions {
  readonly seed: string;
  readonly chaos?: ChaosOptions | undefined;
  readonly start?: MachineState | undefined;
  readonly isPatched?: boolean;
  /** It leaves its parent at the fork, however alike they are. */
  readonly isLeft?: boolean;
  /** At most so many instructions after the fork. */
  readonly insns?: number | undefined;
}

/** Time for a guest to come to its end another way; beyond that, it may never come to one. */
const SPARE_INSNS = 1_000_000;

/** `inputs`: those after the fork, in order. */
export function planOf(
  recording: Recording,
  point: ForkPoint,
  inputs: readonly BranchInput[],
  { seed, chaos, start, insns, isPatched = false, isLeft = false }: PlanOptions,
): BranchPlan {
  const { position } = point.state;
  const wantedIcount = insns === undefined ? undefined : position.icount + insns;
  const plain = { recording, point, start, isPatched, untilIcount: wantedIcount ?? Infinity };
  const follow =
    isLeft || chaos !== undefined || start !== undefined
      ? position
      : followed(recording, point, inputs, firstDifference(point.inputs, inputs));
  if (follow === undefined) return { ...plain, follow: point.end, future: undefined };
  const { end } = point;
  const kept = point.inputs.findIndex(({ seq = 0 }) => seq > follow.seq);
  const lastNs = inputs.at(-1)?.ns ?? 0n;
  const options = {
    ...{ seed, chaos, readingBefore: () => readingUpTo(recording, follow.seq) },
    untilIcount: wantedIcount ?? position.icount + 2 * (end.icount - position.icount) + SPARE_INSNS,
    untilNs: end.isOpen && lastNs < end.ns ? end.ns : undefined,
  };
  return { ...plain, follow, future: { inputs: inputs.slice(kept < 0 ? point.inputs.length : kept), options } };
}

/** Where the first difference takes effect; undefined: there is none. */
function followed(
  recording: Recording,
  point: ForkPoint,
  inputs: readonly BranchInput[],
  index: number | undefined,
): PlainPosition | undefined {
  if (index === undefined) return undefined;
  const [before, after] = [point.inputs[index], inputs[index]];
  const left = before?.seq === undefined ? undefined : { seq: before.seq - 1, icount: before.icount };
  if (left !== undefined && (after === undefined || (after.ns >= (before?.ns ?? 0n) && after.icount >= left.icount)))
    return left;
  if (after === undefined) return left;
  const come = parentBefore(recording, point, after);
  return left === undefined || come.seq < left.seq || (come.seq === left.seq && come.icount < left.icount)
    ? come
    : left;
}
