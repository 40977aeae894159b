/** Tries futures of a recording, one after the other, each from the latest state that it shares with one before. */
import type { Machine } from "../../../machine/machine.js";
import type { MachineState } from "../../../machine/state.js";
import type { StateKeeper } from "../../store/state-keeper.js";
import { replaySteps } from "../replayer.js";
import type { Recording } from "../recording.js";
import { endOf, HeardOutput, type BranchEnd } from "./branch-end.js";
import type { BranchInput } from "./branch-input.js";
import { onMachine } from "../on-machine.js";
import { planOf, type BranchPlan, type PlanOptions } from "./branch-plan.js";
import { firstDifference } from "./edited.js";
import { FailureWatch, type Failing } from "./failing.js";
import type { ForkPoint } from "./fork-point.js";
import { Future, type FuturePlace } from "./future.js";

export interface Trial {
  readonly inputs: readonly BranchInput[];
  readonly failed: boolean;
  readonly end: BranchEnd;
  readonly points: readonly TrialPoint[];
}

/** A moment that a trial came by. */
interface TrialPoint {
  readonly state: MachineState;
  readonly ns: bigint;
  /** What was printed until then. */
  readonly output: string;
  /** Undefined: it was still its parent. */
  readonly place: FuturePlace | undefined;
}

/** How many moments a trial leaves behind, over what it ran. */
const POINTS = 16;

export class Trials {
  /** How many were run. */
  count = 0;
  private parent: Trial | undefined;

  constructor(
    private readonly recording: Recording,
    private readonly point: ForkPoint,
    /** Undefined: any code but 0. */
    public fails: Failing | undefined,
    private readonly options: PlanOptions,
  ) {}

  /** The recording itself. */
  *original(): Generator<undefined, Trial> {
    return (this.parent ??= yield* this.run(this.point.inputs));
  }

  /** `base`: one before, with inputs that are alike. */
  *run(inputs: readonly BranchInput[], base?: Trial): Generator<undefined, Trial> {
    this.count += 1;
    const plan = planOf(this.recording, this.point, inputs, this.options);
    const from = this.latest(plan, inputs, base);
    return yield* onMachine(this.recording, from?.state ?? this.point.state, (machine) =>
      this.play(machine, plan, inputs, from),
    );
  }

  private *play(
    machine: Machine,
    plan: BranchPlan,
    inputs: readonly BranchInput[],
    from: TrialPoint | undefined,
  ): Generator<undefined, Trial> {
    const output = new HeardOutput(from?.output);
    const watch = new FailureWatch(this.fails, from?.output);
    const stopListening = machine.listen((effect) => {
      output.hear(effect);
      watch.hear(effect);
      if (watch.isCertain && isFuture) machine.breakOff();
    });
    let isFuture = false;
    const points: TrialPoint[] = [];
    const leave = (state: MachineState, place?: FuturePlace): void => {
      points.push({ state, ns: machine.virtualNs, output: output.text, place });
    };
    try {
      if (from?.place === undefined) {
        const until = plan.future === undefined ? undefined : plan.follow;
        const keeper = everySo(this.spacing(machine), leave);
        for (const _ of replaySteps(machine, this.recording.log, until, { keeper })) {
          if (watch.isCertain) break;
          yield undefined;
        }
      }
      isFuture = true;
      if (plan.future !== undefined && !watch.isCertain) {
        const { options } = plan.future;
        const future = new Future(machine, plan.future.inputs, { ...options, place: from?.place });
        yield* this.future(machine, future, watch, leave);
      }
      const end = endOf(machine, this.point.state.position.icount, output);
      return { inputs, failed: watch.hasFailed(machine, end), end, points };
    } finally {
      stopListening();
    }
  }

  private *future(
    machine: Machine,
    future: Future,
    watch: FailureWatch,
    leave: (state: MachineState, place: FuturePlace) => void,
  ): Generator<undefined, void> {
    const spacing = this.spacing(machine);
    future.pauseIcount = machine.position.icount + spacing;
    for (const event of future.steps()) {
      if (watch.isCertain) return;
      if (event === undefined && machine.position.icount >= future.pauseIcount) {
        leave(machine.state(), future.place);
        future.pauseIcount = machine.position.icount + spacing;
      }
      yield undefined;
    }
  }

  private spacing(machine: Machine): number {
    return Math.max(1, Math.ceil((this.point.end.icount - machine.position.icount) / POINTS));
  }

  /** The latest moment that has happened in this trial as well. */
  private latest(plan: BranchPlan, inputs: readonly BranchInput[], base: Trial | undefined): TrialPoint | undefined {
    const { follow } = plan;
    const shared = (this.parent?.points ?? []).filter(
      ({ state: { position } }) => position.seq <= follow.seq && position.icount <= follow.icount,
    );
    return [...shared, ...sharedBefore(plan, inputs, base)].reduce<TrialPoint | undefined>(
      (latest, point) =>
        latest === undefined || point.state.position.icount > latest.state.position.icount ? point : latest,
      undefined,
    );
  }
}

/** Those of a future that lie before the first input in which two differ. */
function sharedBefore(
  { future }: BranchPlan,
  inputs: readonly BranchInput[],
  base: Trial | undefined,
): readonly TrialPoint[] {
  if (base === undefined || future === undefined) return [];
  const index = firstDifference(base.inputs, inputs);
  if (index === undefined) return base.points;
  const differing = [base.inputs[index], inputs[index]].filter((input) => input !== undefined);
  return base.points.filter(
    ({ state, ns, place }) =>
      place !== undefined && differing.every((input) => ns < input.ns && state.position.icount < input.icount),
  );
}

const everySo = (insns: number, keep: (state: MachineState) => void): StateKeeper => ({
  nextIcount: ({ icount }, untilIcount) => (icount + insns < untilIcount ? icount + insns : Infinity),
  keep,
});
