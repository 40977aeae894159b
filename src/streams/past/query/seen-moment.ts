/** A machine in the middle of a replay, as a function of a query sees it. Valid until the function returns. */
import type { Inspected } from "../../../machine/inspect.js";
import { MomentView } from "../moment-view.js";
import type { Recording } from "../recording.js";

export class SeenMoment extends MomentView {
  constructor(
    readonly recording: Recording,
    protected readonly at: Inspected,
  ) {
    super();
  }
}
