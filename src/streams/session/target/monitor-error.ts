/** What a monitor's command can answer instead of a result: a code for programs, a sentence for people. */
export class MonitorError extends Error {
  override readonly name = "MonitorError";

  constructor(
    readonly code:
      | "UNKNOWN_COMMAND"
      | "MISSING_OPERAND"
      | "INVALID_NUMBER"
      | "INVALID_FORMAT"
      | "INVALID_EXPRESSION"
      | "INVALID_TEXT"
      | "LINE_TOO_LONG"
      | "AMBIGUOUS_COMMAND"
      | "AMBIGUOUS_NAME"
      | "NO_SUCH_NAME"
      | "NO_SUCH_EVENT"
      | "NO_SUCH_HART"
      | "NO_SUCH_FRAME"
      | "NO_SUCH_POINT"
      | "NO_SUCH_REGISTER"
      | "CANNOT_ACCESS"
      | "NO_SUCH_POSITION"
      | "INTERRUPTED"
      | "NO_ROOM"
      | "NOT_HERE"
      | "NO_POWER_BUTTON",
    message: string,
  ) {
    super(message);
  }
}
