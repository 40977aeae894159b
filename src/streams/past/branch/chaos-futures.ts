/** Futures of a place that differ by chaos, and which of them fail: a job, which anybody may do. */
import type { MachineState } from "../../../machine/state.js";
import type { ChaosOptions } from "../../chaos/chaos-options.js";
import type { Recording } from "../recording.js";
import { endOf, HeardOutput } from "./branch-end.js";
import { onMachine } from "../on-machine.js";
import { planOf } from "./branch-plan.js";
import { FailureWatch, type Failing } from "./failing.js";
import { newPoint, type ForkPoint } from "./fork-point.js";
import { Future } from "./future.js";

/** Plain data, unless `fails` is a function. */
export interface ChaosFutures {
  readonly fails: Failing | undefined;
  /** What was printed until the place. */
  readonly output: string;
  /** The seed of future n is `SEED-n`. */
  readonly chaos: ChaosOptions;
  /** The numbers of the futures. */
  readonly first: number;
  readonly last: number;
}

export const CHAOS_FUTURES = "chaosFutures";

/** Whether each future fails, in order; a step without any gives the host its turn. */
export function* chaosFutures(
  recording: Recording,
  { chaos, first, last, ...how }: ChaosFutures,
  state: MachineState,
): Generator<readonly boolean[], void> {
  const point = newPoint(recording, state);
  for (let number = first; number <= last; number += 1) {
    const seed = `${chaos.seed}-${String(number)}`;
    yield [yield* futureFails(recording, point, { ...chaos, seed }, how)];
  }
}

function* futureFails(
  recording: Recording,
  point: ForkPoint,
  chaos: ChaosOptions,
  { fails, output: before }: Pick<ChaosFutures, "fails" | "output">,
): Generator<readonly never[], boolean> {
  const { future } = planOf(recording, point, point.inputs, { seed: chaos.seed, chaos });
  if (future === undefined) throw new Error("a future with chaos is none of its parent's");
  return yield* onMachine(recording, point.state, function* (machine) {
    const output = new HeardOutput(before);
    const watch = new FailureWatch(fails, before);
    const stopListening = machine.listen((effect) => {
      output.hear(effect);
      watch.hear(effect);
      if (watch.isCertain) machine.breakOff();
    });
    try {
      for (const _ of new Future(machine, future.inputs, future.options).steps()) {
        if (watch.isCertain) break;
        yield [];
      }
      return watch.hasFailed(machine, endOf(machine, point.state.position.icount, output));
    } finally {
      stopListening();
    }
  });
}
