/** What a soaked guest is made to do, on which machine. */
import type { MachineOptions } from "../../src/streams/session/machine-options.js";
import type { Step } from "../../test/support/typist.js";

export interface Load {
  readonly machine: MachineOptions;
  /** What is typed at its console. */
  readonly steps: readonly Step[];
  /** Where the recording ends; absent: where the guest switches itself off. */
  readonly untilIcount?: number;
  /** Lets go of what the load has of the host. */
  readonly close: () => void;
}
