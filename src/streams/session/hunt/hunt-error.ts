/** Why a hunt did not go on to its end. */
import { FaultError, type Fault } from "../fault-kind.js";
import type { HuntSummary } from "./hunt-summary.js";

/** A run could not be made, kept or verified. What was kept before stays. */
export class HuntError extends FaultError {
  override readonly name = "HuntError";
  readonly code = "HUNT_FAILED";

  constructor(
    message: string,
    /** The number of the run; undefined: none had begun. */
    readonly run: number | undefined,
    /** What kind of fault it is, wherever it arose. */
    readonly fault: Fault,
    /** Of the runs that had ended. */
    readonly summary: HuntSummary,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
