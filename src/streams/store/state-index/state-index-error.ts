/** What can be wrong with a state index. Whoever meets it goes on without the index: losing one loses nothing. */

export type StateIndexErrorCode =
  /** The bytes do not begin as a state index. */
  | "NOT_AN_INDEX"
  /** Another foldvm, with another format, wrote it. */
  | "UNSUPPORTED_VERSION"
  /** It is of another recording, or of this one before something was recorded. */
  | "OTHER_RECORDING"
  /** Bytes were changed, are missing, or are too many. */
  | "DAMAGED"
  /** The host can't read it. */
  | "CANNOT_READ";

export class StateIndexError extends Error {
  override readonly name = "StateIndexError";

  constructor(
    readonly code: StateIndexErrorCode,
    /** What is wrong, for a message that names the file itself. */
    readonly what: string,
    options?: ErrorOptions,
  ) {
    super(`the state index can't be used: ${what}`, options);
  }
}
