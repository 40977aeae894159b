/** A machine in the middle of a replay, as a function of a query sees it. Valid until the function returns. */
import type { Inspected } from "../../../machine/inspect.js";
import { MomentView } from "../moment-view.js";
import type { Scope } from "../names/expression/index.js";
import type { Recording } from "../recording.js";

export class SeenMoment extends MomentView {
  /** `isGlobal`: variables of functions are not meant, since which function executes is not to be known. */
  constructor(
    readonly recording: Recording,
    protected readonly at: Inspected,
    private readonly isGlobal = false,
  ) {
    super();
  }

  override get scope(): Scope {
    const { recording, at, isGlobal } = this;
    return { names: recording.names, at, isGlobal };
  }
}
