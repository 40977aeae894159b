/** A target whose past can be written: that makes a branch, and what was recorded stays as it was. */
import { Subject } from "rxjs";

import { StopPoints } from "../stop-points/stop-points.js";
import { requireWrite } from "../target/require-position.js";
import { MonitorError } from "../target/monitor-error.js";
import type { ReplayTargetOptions } from "../target/replay-target.js";
import type { Branches, MonitorTarget } from "../target/target.js";
import { BranchTarget } from "./branch-target.js";
import { DelegatingTarget } from "./delegating-target.js";
import { GrowingTarget } from "./growing-target.js";

/** Each is a machine with its memory. */
export const MAX_NESTED_BRANCHES = 8;

interface Left {
  readonly target: MonitorTarget;
  readonly branch: BranchTarget;
}

export class BranchingTarget extends DelegatingTarget {
  protected current: MonitorTarget;
  /** What each branch left, the last one the innermost. */
  private readonly left: Left[] = [];
  readonly said$ = new Subject<string>();

  constructor(
    first: MonitorTarget,
    private readonly options: Pick<ReplayTargetOptions, "heard" | "failed" | "quit">,
  ) {
    super();
    this.current = first;
  }

  override get write(): NonNullable<MonitorTarget["write"]> {
    return (event) => {
      if (this.current.write === undefined) {
        requireWrite(this.current, event);
        this.fork();
      }
      this.current.write?.(event);
    };
  }

  readonly branches: Branches = {
    fork: () => {
      this.fork();
    },
    leave: () => {
      const left = this.left.pop();
      if (left === undefined) throw new MonitorError("NOT_HERE", "it is in no branch");
      left.branch.leave();
      this.stand(left.target);
    },
    save: (sink) => {
      const left = this.left.at(-1);
      if (left === undefined) throw new MonitorError("NOT_HERE", "it is in no branch: fork alone makes one");
      left.branch.save(sink);
    },
  };

  /** What was left may be going too. */
  override quit(): void {
    super.quit();
    for (const { target } of this.left.splice(0).reverse()) target.quit();
  }

  private fork(): void {
    const { current } = this;
    if (current.past === undefined) throw new MonitorError("NOT_HERE", "nothing is recorded that a branch could leave");
    if (this.left.length === MAX_NESTED_BRANCHES) {
      throw new MonitorError("NO_ROOM", `it is the branch of ${String(MAX_NESTED_BRANCHES)} others: leave some first`);
    }
    const { icount, seq } = current.present().position;
    const points = current.stops?.points ?? new StopPoints();
    const branch = new BranchTarget(current.past.recording, current.state(), {
      ...{ ...this.options, points, named: current },
    });
    this.left.push({ target: current, branch });
    this.stand(new GrowingTarget(branch, this.options));
    this.said$.next(
      `a branch of ${current.recordingName} from instruction ${String(icount)}, event ${String(seq)}: ` +
        "what was recorded stays as it was; fork FILE saves the branch, and parent leaves it",
    );
  }

  private stand(target: MonitorTarget): void {
    const { hart } = this.current;
    this.current = target;
    target.hart = hart;
    target.stops?.set(() => undefined);
  }
}
