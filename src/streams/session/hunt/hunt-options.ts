/** What is hunted, how often, and what is kept. */
import { availableParallelism } from "node:os";

import { check } from "../../../options/check.js";
import {
  anyObject,
  call,
  distance,
  exactly,
  flag,
  having,
  list,
  maybe,
  oneOf,
  text,
  wholeFrom,
} from "../../../options/codecs.js";
import { OptionError } from "../../../options/option-error.js";
import { CHAOS_OPTIONS, type ChaosOptions } from "../../chaos/chaos-options.js";
import type { ScriptStep } from "../../live/script.js";
import { chanceSeed, requireChaos } from "../chaos.js";
import { MACHINE_OPTIONS, type MachineOptions } from "../machine-options.js";
import type { SessionRunOptions } from "../session-run-options.js";
import type { WatchedTexts } from "../watched-output.js";
import type { HuntRun } from "./hunt-run.js";

export interface HuntOptions extends SessionRunOptions, WatchedTexts {
  /** As for `openMachine`. Without a `seed` it is the hunt's, or that of the state in `from`. */
  readonly machine: MachineOptions;
  /** A saved state (`FILE`) or a snapshot (`FILE#NAME`) that each run begins in. */
  readonly from?: string | undefined;
  /** How each run varies. Its seed is the base of all: that of run n is `SEED-n`. Default: random, seeded by chance. */
  readonly chaos?: (Omit<ChaosOptions, "seed"> & { readonly seed?: string | undefined }) | undefined;
  /** Default 100. */
  readonly runs?: number | undefined;
  /** How many at once, each in a process of its own. Default: as many as there are processors. */
  readonly jobs?: number | undefined;
  /** The first that fails ends the hunt. */
  readonly untilFail?: boolean | undefined;
  /** Default `failing`. */
  readonly keep?: "failing" | "all" | "none" | undefined;
  /**
   * Where recordings go; `{n}` is the run's number, `{seed}` its seed, which has the number too. Folders are made.
   * Default `runs/{n}.fold`.
   */
  readonly output?: string | undefined;
  /** Replaces a file that is there. */
  readonly overwrite?: boolean | undefined;
  /** Typed at the console of each run. */
  readonly script?: readonly ScriptStep[] | undefined;
  /** A run that takes longer has failed. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Whether a run that has not failed otherwise has failed. It is called in this process. */
  readonly isFailing?: ((run: HuntRun) => boolean) | undefined;
  /** Called after each run, as they end. */
  readonly ended?: ((run: HuntRun) => void) | undefined;
  /** Ends the hunt, with what there is. */
  readonly signal?: AbortSignal | undefined;
}

export const KEEP = ["failing", "all", "none"] as const satisfies readonly HuntOptions["keep"][];
export const MAX_RUNS = 1_000_000;
export const MAX_JOBS = 64;
/** As many as there are processors. */
export const defaultJobs = (): number => Math.min(availableParallelism(), MAX_JOBS);
/** A JavaScript timer has 31 bits. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export const DEFAULT_RUNS = 100;
export const DEFAULT_OUTPUT = "runs/{n}.fold";
export const DEFAULT_TIMEOUT_MS = 60_000;

const CHAOS = exactly<NonNullable<HuntOptions["chaos"]>>({
  seed: maybe(text),
  strategy: maybe(text),
  depth: maybe(distance),
  insns: maybe(distance),
});

const OPTIONS = exactly<HuntOptions>({
  ...{ machine: MACHINE_OPTIONS, from: maybe(text), chaos: maybe(CHAOS), nics: maybe(list(anyObject)) },
  ...{ runs: maybe(wholeFrom(1, MAX_RUNS)), jobs: maybe(wholeFrom(1, MAX_JOBS)), untilFail: maybe(flag) },
  ...{ keep: maybe(oneOf(...KEEP)), output: maybe(text), overwrite: maybe(flag), script: maybe(list(anyObject)) },
  ...{ expectText: maybe(text), failText: maybe(text), timeoutMs: maybe(wholeFrom(1, MAX_TIMEOUT_MS)) },
  ...{ sleep: maybe(flag), align: maybe(flag), endsAtReset: maybe(flag), checkpointInsns: maybe(distance) },
  ...{ carriesImages: maybe(flag), isFailing: maybe(call), ended: maybe(call) },
  signal: maybe(having("an AbortSignal", "aborted", "addEventListener")),
});

/** With all that may be left out. */
export interface HuntPlan {
  readonly runs: number;
  readonly jobs: number;
  readonly keep: NonNullable<HuntOptions["keep"]>;
  readonly baseSeed: string;
  readonly chaosOf: (number: number) => ChaosOptions;
  readonly pathOf: (number: number) => string;
}

/** @throws {OptionError} */
export function planOf(options: HuntOptions): HuntPlan {
  check("hunt", OPTIONS, options);
  const { runs = DEFAULT_RUNS, keep = "failing", output = DEFAULT_OUTPUT } = options;
  const jobs = Math.min(options.jobs ?? defaultJobs(), runs);
  const { seed: baseSeed = chanceSeed(), ...chaos } = options.chaos ?? {};
  const chaosOf = (number: number): ChaosOptions => ({ ...chaos, seed: `${baseSeed}-${String(number)}` });
  check("hunt", exactly<{ readonly chaos: ChaosOptions }>({ chaos: CHAOS_OPTIONS }), { chaos: chaosOf(runs) });
  requireChaos("hunt", chaosOf(runs));
  if (runs > 1 && keep !== "none" && !/\{(?:n|seed)\}/.test(output))
    throw new OptionError(`hunt: output ${output}: each run needs a file of its own; put {n} into it, or {seed}`, {
      ...{ option: "output", value: output },
    });
  if (options.machine.drives?.some(({ writeback }) => writeback === true) === true)
    throw new OptionError(
      "hunt: machine.drives: a recording replays from its disks as they were; leave writeback out",
      {
        option: "machine.drives",
      },
    );
  if (output.includes("{seed}") && /[/\\\0]/.test(baseSeed))
    throw new OptionError(`hunt: output ${output}: the seed ${baseSeed} can't be in the name of a file; use {n}`, {
      ...{ option: "output", value: output },
    });
  const pathOf = (number: number): string =>
    output.replace(/\{(n|seed)\}/g, (_, name) => (name === "n" ? String(number) : chaosOf(number).seed));
  return { runs, jobs, keep, baseSeed, chaosOf, pathOf };
}
