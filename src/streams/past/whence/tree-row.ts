/** A node of a tree, in the order of a walk: parents first. Plain data. */
import type { SourceRow } from "./source.js";

export interface TreeRow extends SourceRow {
  /** Counts from 0, the root. */
  readonly id: number;
  /** Undefined: it is the root. */
  readonly parent: number | undefined;
  readonly relation: "root" | "source" | "address" | "condition";
  readonly depth: number;
  /** The node that tells the same; what it was made of is told there. */
  readonly same: number | undefined;
  /** There may be more behind it, beyond what was asked for or found so far. */
  readonly isCut: boolean;
}
