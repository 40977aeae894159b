/** What a monitor's command can answer instead of a result: a code for programs, a sentence for people. */
export class MonitorError extends Error {
  override readonly name = "MonitorError";

  constructor(
    readonly code:
      | "UNKNOWN_COMMAND"
      | "MISSING_OPERAND"
      | "INVALID_NUMBER"
      | "INVALID_FORMAT"
      | "INVALID_CONDITION"
      | "NO_SUCH_EVENT"
      | "NO_SUCH_REGISTER"
      | "CANNOT_ACCESS"
      | "NOT_HERE"
      | "NO_POWER_BUTTON",
    message: string,
  ) {
    super(message);
  }
}
