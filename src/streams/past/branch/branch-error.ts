/** A branch that can't be made, by what is wrong with what was asked for. */

export type BranchErrorCode =
  | "EDIT_NOT_SYNCHRONOUS"
  | "INVALID_INPUT"
  | "INVALID_PATCH"
  | "KERNEL_NOT_AT_START"
  | "NO_SUCH_INPUT"
  | "DOES_NOT_FAIL"
  | "TOO_MANY_INPUTS";

export class BranchError extends Error {
  override readonly name = "BranchError";

  constructor(
    readonly code: BranchErrorCode,
    message: string,
    /** The number of the event that it is about. */
    readonly seq?: number,
  ) {
    super(message);
  }
}
