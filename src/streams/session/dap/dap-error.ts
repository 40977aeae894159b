/** What a client asks for that can't be: told to it as the answer. */
export class DapError extends Error {
  override readonly name = "DapError";

  constructor(
    readonly code:
      | "NO_MACHINE"
      | "RUNNING"
      | "NO_SUCH_THREAD"
      | "NO_SUCH_FRAME"
      | "NO_SUCH_REFERENCE"
      | "TOO_MUCH"
      | "NOT_HERE"
      | "NO_SUCH_REQUEST",
    message: string,
  ) {
    super(message);
  }
}
