/** `minimize`: the fewest and simplest inputs with which a recording still fails. */
import { from } from "rxjs";

import { check } from "../../../options/check.js";
import { anything, call, exactly, flag, having, maybe, shortText, wholeFrom } from "../../../options/codecs.js";
import { aRecording } from "../../../options/parts.js";
import { virtualNs } from "../../../reducers/clock.js";
import { MAX_SEED_LETTERS } from "../../chaos/chaos-options.js";
import type { Recording } from "../recording.js";
import { checkUntil, type Until } from "../until.js";
import type { Branch } from "./branch.js";
import type { BranchEnd } from "./branch-end.js";
import { BranchError } from "./branch-error.js";
import type { BranchInput } from "./branch-input.js";
import { FAILING, type Failing } from "./failing.js";
import { DEFAULT_SEED } from "./branch-header.js";
import { fork } from "./fork.js";
import { forkPoint, type ForkPoint } from "./fork-point.js";
import { paced } from "../paced.js";
import { lessened, reduced } from "./reduce.js";
import { atOnce, isRemovable, isTimed, sizeOf, without } from "./simpler.js";
import { Trials, type Trial } from "./trials.js";

export interface MinimizeOptions {
  /**
   * What a future must do to count as failing. Default: its guest ends with the recording's own code, which is not 0.
   * What is left may fail for another reason that looks the same.
   */
  readonly fails?: Failing | undefined;
  /** Inputs before this place stay. Default: the beginning. */
  readonly at?: Until | undefined;
  /** Whether inputs are made shorter and come at once where they can. Default true. */
  readonly simplifies?: boolean | undefined;
  /** Of answers that the recording does not have. Default `branch`. */
  readonly seed?: string | undefined;
  /** It ends after so many trials, with what there is. Default 10,000. */
  readonly maxTrials?: number | undefined;
  /** Ends it, with what there is. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each trial. */
  readonly tried?: ((progress: MinimizeProgress) => void) | undefined;
}

export interface MinimizeProgress {
  readonly trials: number;
  /** Inputs that can be left out: how many the recording has, and how many the best has so far. */
  readonly inputs: number;
  readonly left: number;
}

export interface Minimized extends MinimizeProgress {
  /** The best: `record` writes it. */
  readonly branch: Branch;
  /** Those of its inputs that could be left out, in order. */
  readonly kept: readonly KeptInput[];
  /** Where it was certain to fail. */
  readonly end: BranchEnd;
  /** Whether none of them can go; false: it was ended before that was known. */
  readonly isMinimal: boolean;
}

/** `hasOwnTime`: when it comes matters; else it comes at once, with the one before it. */
export type KeptInput = BranchInput & { readonly hasOwnTime: boolean };

export const DEFAULT_TRIALS = 10_000;
export const MAX_TRIALS = 1_000_000;

const OPTIONS = exactly<MinimizeOptions>({
  ...{ fails: maybe(FAILING), at: maybe(anything), simplifies: maybe(flag), seed: maybe(shortText(MAX_SEED_LETTERS)) },
  ...{ maxTrials: maybe(wholeFrom(1, MAX_TRIALS)), tried: maybe(call) },
  signal: maybe(having("an AbortSignal", "aborted", "addEventListener")),
});

/**
 * Leaves inputs out, makes them shorter and lets them come at once, as long as the future fails. Deviations of chaos
 * are inputs, too. The promise fails with BranchError DOES_NOT_FAIL where the recording itself does not, and as a
 * replay.
 */
export async function minimize(recording: Recording, options: MinimizeOptions = {}): Promise<Minimized> {
  check("minimize", exactly<{ readonly recording: Recording }>({ recording: aRecording }), { recording });
  check("minimize", OPTIONS, options);
  checkUntil("minimize: at", options.at);
  const minimizer = new Minimizer(recording, forkPoint(recording, options.at ?? recording.log.start), options);
  const isMinimal = await paced(minimizer.work());
  return minimizer.result(isMinimal);
}

/** It was ended by its signal, or by how many trials it may have. */
class Ended extends Error {}

class Minimizer {
  private readonly trials: Trials;
  private readonly seed: string;
  private readonly inputCount: number;
  private best: Trial | undefined;

  constructor(
    private readonly recording: Recording,
    private readonly point: ForkPoint,
    private readonly options: MinimizeOptions,
  ) {
    this.seed = options.seed ?? DEFAULT_SEED;
    this.trials = new Trials(recording, point, options.fails, { seed: this.seed });
    this.inputCount = point.inputs.filter(isRemovable).length;
  }

  /** Answers whether it came to its end. */
  *work(): Generator<undefined, boolean> {
    const original = yield* this.trials.original();
    this.tell();
    if (!original.failed) throw doesNotFail(original.end);
    this.trials.fails ??= original.end.guestCode ?? undefined;
    this.best = original;
    try {
      for (let before = Infinity; this.size < before;) {
        before = this.size;
        yield* this.leaveOut();
        if (this.options.simplifies === false) break;
        yield* this.shorten();
        yield* this.hurry();
      }
      return true;
    } catch (error) {
      if (error instanceof Ended) return false;
      throw error;
    }
  }

  result(isMinimal: boolean): Minimized {
    const { recording, point, seed, options, inputs } = this;
    if (this.best === undefined) throw new Error("a minimum of nothing");
    const kept = keptOf(inputs, point);
    const told = `minimized: ${String(kept.length)} of ${String(this.inputCount)} inputs left`;
    const branch = fork(recording, {
      ...{ at: options.at ?? recording.log.start, seed, changes: [told] },
      edit: () => from(inputs),
    });
    return { branch, kept, end: this.best.end, isMinimal, ...this.progress };
  }

  private get inputs(): readonly BranchInput[] {
    return this.best?.inputs ?? this.point.inputs;
  }

  private get progress(): MinimizeProgress {
    return { trials: this.trials.count, inputs: this.inputCount, left: this.inputs.filter(isRemovable).length };
  }

  /** What there is yet to make smaller: fewer inputs, then fewer times. */
  private get size(): number {
    const kept = keptOf(this.inputs, this.point);
    return kept.length * (this.inputCount + 1) + kept.filter(({ hasOwnTime }) => hasOwnTime).length;
  }

  private *leaveOut(): Generator<undefined, void> {
    const all = this.inputs;
    const removable = all.filter(isRemovable);
    const fails = (inputs: readonly BranchInput[]): Generator<undefined, boolean> => this.fails(inputs);
    yield* reduced(removable, function* (kept) {
      const gone = difference(removable, kept);
      if (yield* fails(without(all, gone))) return true;
      const hasSkew = [...gone].some(({ type }) => type === "clock/skewed");
      return hasSkew && (yield* fails(all.filter((input) => !gone.has(input))));
    });
  }

  private *shorten(): Generator<undefined, void> {
    for (let index = 0; index < this.inputs.length; index += 1) {
      const input = this.inputs[index];
      const size = input && sizeOf(input);
      if (input === undefined || size === undefined) continue;
      const all = this.inputs;
      const fails = (shorter: BranchInput): Generator<undefined, boolean> => this.fails(all.with(index, shorter));
      yield* lessened(size.least, size.present, (less) => fails({ ...input, ...size.with(less) }));
    }
  }

  private *hurry(): Generator<undefined, void> {
    const all = this.inputs;
    const timed = all.filter(isTimed);
    const start = startOf(this.point);
    const fails = (inputs: readonly BranchInput[]): Generator<undefined, boolean> => this.fails(inputs);
    yield* reduced(timed, (kept) => fails(atOnce(all, difference(timed, kept), start)));
  }

  private *fails(inputs: readonly BranchInput[]): Generator<undefined, boolean> {
    const { maxTrials = DEFAULT_TRIALS, signal } = this.options;
    if (isAborted(signal) || this.trials.count >= maxTrials) throw new Ended();
    const steps = this.trials.run(inputs, this.best);
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) {
        if (step.value.failed) this.best = step.value;
        this.tell();
        return step.value.failed;
      }
      if (isAborted(signal)) {
        steps.return(undefined as never);
        throw new Ended();
      }
      yield undefined;
    }
  }

  private tell(): void {
    this.options.tried?.(this.progress);
  }
}

/** Others may have changed it since. */
const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

const difference = <T>(all: readonly T[], kept: readonly T[]): ReadonlySet<T> => {
  const gone = new Set(all);
  for (const one of kept) gone.delete(one);
  return gone;
};

const startOf = ({ state }: ForkPoint): { readonly icount: number; readonly ns: bigint } => ({
  icount: state.position.icount,
  ns: virtualNs(state.clock, state.config.shift, state.position.icount),
});

function keptOf(inputs: readonly BranchInput[], point: ForkPoint): readonly KeptInput[] {
  let { ns } = startOf(point);
  return inputs.filter(isRemovable).map((input) => {
    const hasOwnTime = !isTimed(input) || input.ns !== ns;
    if (isTimed(input)) ({ ns } = input);
    return { ...input, hasOwnTime };
  });
}

const doesNotFail = ({ guestCode, cause }: BranchEnd): BranchError =>
  new BranchError(
    "DOES_NOT_FAIL",
    `the recording does not fail in this sense: it ended by ${cause}, ` +
      (guestCode === null ? "without a code of the guest" : `code ${String(guestCode)}`),
  );
