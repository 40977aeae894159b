/** Other futures of a recording. */
export { Branch, type BranchRunOptions } from "./branch.js";
export type { BranchEnd } from "./branch-end.js";
export { BranchError, type BranchErrorCode } from "./branch-error.js";
export type { BranchInput, InputPlace } from "./branch-input.js";
export {
  causality,
  type Causality,
  type CausalityOptions,
  type CausalityProgress,
  type CausalityRow,
} from "./causality.js";
export type { Edit } from "./edited.js";
export { edits, type Delay, type Edits, type InputEdit } from "./edits.js";
export type { Failing, Judged } from "./failing.js";
export type { BranchKernel } from "./branch-header.js";
export { BranchRun } from "./branch-run.js";
export { fork, type BranchOptions } from "./fork.js";
export { minimize, type KeptInput, type Minimized, type MinimizeOptions, type MinimizeProgress } from "./minimize.js";
export type { Patch } from "./patch.js";
