/** How a session's run goes, whoever sits before it. */
import type { SequenceOptions } from "../live/sequence/sequence-options.js";
import type { NicOptions } from "./nics.js";

export interface SessionRunOptions extends Pick<SequenceOptions, "sleep" | "align" | "checkpointInsns"> {
  /** The recording is to replay without the images: they are put into it. */
  readonly carriesImages?: boolean | undefined;
  /**
   * The machine's network cards, in the order of their slots; absent, or without a `network`: nothing is plugged in.
   */
  readonly nics?: readonly NicOptions[] | undefined;
  /** A reset of the machine ends the session, as QEMU's -no-reboot says. */
  readonly endsAtReset?: boolean | undefined;
}
