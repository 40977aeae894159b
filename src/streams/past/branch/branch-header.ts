/** What stands in a branch's header: its machine and images, its parent, and what is changed. */
import { hex64 } from "../../../reducers/hex.js";
import type { ImageDigest, LogHeader } from "../../store/log/index.js";
import type { BranchInput } from "./branch-input.js";
import type { BranchPlan } from "./branch-plan.js";

export const DEFAULT_SEED = "branch";
/** Lines on what a branch changes, in its header. */
export const MAX_CHANGES = 100;
export const MAX_CHANGE_LETTERS = 200;

/** An image with what identifies it in a recording. */
export interface BranchKernel extends Omit<ImageDigest, "role" | "size"> {
  readonly bytes: Uint8Array;
}

export interface BranchHeaderOptions {
  /** Runs instead of the recorded one. */
  readonly kernel?: BranchKernel | undefined;
  readonly seed: string;
  /** What is told of the changes, a line each. */
  readonly changes: readonly string[];
}

export function branchHeader(
  { recording, follow }: BranchPlan,
  { kernel, seed, changes }: BranchHeaderOptions,
): LogHeader {
  const { header, identity } = recording.log;
  const rest = recording.imageDigests.filter(({ role }) => kernel === undefined || role !== "kernel");
  const ownKernel: readonly ImageDigest[] =
    kernel === undefined
      ? []
      : [{ role: "kernel", path: kernel.path, size: kernel.bytes.length, sha256: kernel.sha256 }];
  return {
    machine: header.machine,
    images: [...rest, ...ownKernel],
    parent: {
      ...{ path: recording.path ?? "", digest: hex64(identity), seed },
      ...{ seq: follow.seq, icount: follow.icount },
      changes: shortened(changes),
    },
  };
}

/** How many inputs are others. */
export function differenceWords(before: readonly BranchInput[], after: readonly BranchInput[]): string {
  const kept = new Set(after);
  const gone = before.filter((input) => !kept.has(input)).length;
  const had = new Set(before);
  const come = after.filter((input) => !had.has(input)).length;
  return `${String(gone)} inputs of ${String(before.length)} taken away, ${String(come)} put in`;
}

function shortened(changes: readonly string[]): readonly string[] {
  const lines = changes.slice(0, MAX_CHANGES).map((line) => line.slice(0, MAX_CHANGE_LETTERS));
  const more = changes.length - lines.length;
  return more === 0 ? lines : [...lines, `and ${String(more)} more`];
}
