/** Nobody waits for the answer any more. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
  constructor() {
    super("cancelled");
  }
}

/** What is asked can't be answered; the message says why, and what to do. */
export class PageError extends Error {
  override readonly name: string = "PageError";
}

/** There is no such position in the recording. */
export class NoSuchPosition extends PageError {
  override readonly name = "PositionError";
}
