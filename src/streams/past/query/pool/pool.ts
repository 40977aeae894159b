/** Who answers parts of questions elsewhere: in threads of this process, or wherever else somebody takes jobs. */
import type { MachineState } from "../../../../machine/state.js";
import type { Recording } from "../../recording.js";
import type { Until } from "../../until.js";
import type { Question } from "../question.js";

/**
 * A part of a question. What is found there depends on nothing else, so it may be given to somebody twice, and a queue
 * that delivers at least once will do.
 */
export interface Job {
  readonly recording: Recording;
  readonly question: Question;
  /** The state in which the part begins: who can't get there otherwise takes it along. */
  readonly from: MachineState;
  readonly until: Until | undefined;
}

export interface Pool {
  /** How many jobs it does at once. */
  readonly width: number;
  /**
   * What is found, in order, a few at a time, as it is asked for. An error with the code `WORKER_ENDED` says that
   * somebody else may do it.
   */
  run(job: Job): AsyncIterable<readonly unknown[]>;
}
