/** An option has a value that no machine can have. */
export class OptionError extends Error {
  override readonly name = "OptionError";
  readonly code = "INVALID_OPTION";
}
