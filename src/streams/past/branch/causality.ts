/** `causality`: how many futures fail, by the place from which on they may differ. Where did it become inevitable? */
import type { MachineState } from "../../../machine/state.js";
import { check } from "../../../options/check.js";
import { anything, call, exactly, having, maybe, wholeFrom } from "../../../options/codecs.js";
import { aRecording } from "../../../options/parts.js";
import { virtualNs } from "../../../reducers/clock.js";
import type { Instant } from "../../../reducers/stream-event.js";
import { CHAOS_OPTIONS, type ChaosOptions } from "../../chaos/chaos-options.js";
import { requireDeviations } from "../../chaos/deviations-of.js";
import { rateOf, type Rate } from "../../chaos/rate.js";
import type { Recording } from "../recording.js";
import type { StateKeeper } from "../../store/state-keeper.js";
import { replaySteps } from "../replayer.js";
import { checkUntil, type Until } from "../until.js";
import { endOf, HeardOutput } from "./branch-end.js";
import { onMachine } from "./branch-machines.js";
import { planOf } from "./branch-plan.js";
import { FAILING, FailureWatch, type Failing } from "./failing.js";
import { DEFAULT_SEED } from "./fork.js";
import { forkPoint, type ForkPoint } from "./fork-point.js";
import { Future } from "./future.js";
import { paced } from "../paced.js";

export interface CausalityOptions {
  /** What a future must do to count as failing. Default: its guest ends with another code than 0. */
  readonly fails?: Failing | undefined;
  /** At how many places, evenly from `from` to the end. Default 16. */
  readonly positions?: number | undefined;
  /** Futures a place. Default 20. */
  readonly runs?: number | undefined;
  /** The first place. Default: the beginning. */
  readonly from?: Until | undefined;
  /** How the futures deviate. The seed of future n of place i is `SEED-i-n`, both from 1. Default seed: `branch`. */
  readonly chaos?: (Omit<ChaosOptions, "seed"> & { readonly seed?: string | undefined }) | undefined;
  /** Ends it, with the places that there are. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each place when its futures have ended. */
  readonly found?: ((row: CausalityRow) => void) | undefined;
}

/** A place, and what came of the futures from there on. */
export interface CausalityRow extends Instant, Rate {
  readonly runs: number;
  readonly failed: number;
}

export interface Causality {
  readonly rows: readonly CausalityRow[];
  /** The first place from which on all futures failed; null: there is none. */
  readonly inevitableFrom: CausalityRow | null;
  /** False: it was ended before. */
  readonly isWhole: boolean;
}

export const DEFAULT_POSITIONS = 16;
export const DEFAULT_FUTURES = 20;
export const MAX_POSITIONS = 1000;
export const MAX_FUTURES = 100_000;

const OPTIONS = exactly<CausalityOptions>({
  ...{ fails: maybe(FAILING), positions: maybe(wholeFrom(1, MAX_POSITIONS)), runs: maybe(wholeFrom(1, MAX_FUTURES)) },
  ...{ from: maybe(anything), chaos: maybe(anything), found: maybe(call) },
  signal: maybe(having("an AbortSignal", "aborted", "addEventListener")),
});

/** Futures that differ by chaos. The promise fails with what a replay fails with. */
export async function causality(recording: Recording, options: CausalityOptions = {}): Promise<Causality> {
  check("causality", exactly<{ readonly recording: Recording }>({ recording: aRecording }), { recording });
  check("causality", OPTIONS, options);
  checkUntil("causality: from", options.from);
  const chaos = { ...options.chaos, seed: options.chaos?.seed ?? DEFAULT_SEED };
  check("causality", exactly<{ readonly chaos: ChaosOptions }>({ chaos: CHAOS_OPTIONS }), { chaos });
  requireDeviations("causality", { chaos });
  const rows: CausalityRow[] = [];
  const isWhole = await paced(rowsOf(recording, options, chaos, rows));
  const lastPassed = rows.findLastIndex(({ runs, failed }) => failed < runs);
  return { rows, inevitableFrom: rows[lastPassed + 1] ?? null, isWhole };
}

/** A place on the way of the recording. */
interface Place {
  readonly state: MachineState;
  /** What was printed until then. */
  readonly output: string;
}

function* rowsOf(
  recording: Recording,
  options: CausalityOptions,
  chaos: ChaosOptions,
  rows: CausalityRow[],
): Generator<undefined, boolean> {
  const { from = recording.log.start, runs = DEFAULT_FUTURES, signal, found } = options;
  const point = forkPoint(recording, from);
  const places: Place[] = [];
  yield* placesOf(recording, point, options.positions ?? DEFAULT_POSITIONS, places);
  for (const [index, place] of places.entries()) {
    let failed = 0;
    for (let run = 1; run <= runs; run += 1) {
      const seed = `${chaos.seed}-${String(index + 1)}-${String(run)}`;
      if (yield* futureFails(recording, point, place, { ...chaos, seed }, options)) failed += 1;
      if (signal?.aborted === true) return false;
    }
    const { position, clock, config } = place.state;
    const ns = virtualNs(clock, config.shift, position.icount);
    const row: CausalityRow = { ...position, ns, runs, failed, ...rateOf(failed, runs) };
    rows.push(row);
    found?.(row);
  }
  return true;
}

/** One replay, from the recording's beginning on, since what was printed before belongs to a failure too. */
function* placesOf(
  recording: Recording,
  point: ForkPoint,
  positions: number,
  places: Place[],
): Generator<undefined, void> {
  const first = point.state.position.icount;
  const spacing = Math.max(1, Math.floor((point.end.icount - first) / positions));
  yield* onMachine(recording, function* (machine) {
    machine.load(recording.at(recording.log.start));
    const output = new HeardOutput();
    const stopListening = machine.listen((effect) => {
      output.hear(effect);
    });
    // Where an event stands an instruction may be under way: the place is the one after it.
    const keeper: StateKeeper = {
      nextIcount: ({ icount }) =>
        places.length < positions ? Math.max(first + places.length * spacing, icount + 1) : Infinity,
      keep: (state) => places.push({ state, output: output.text }),
    };
    try {
      for (const _ of replaySteps(machine, recording.log, undefined, { keeper })) yield undefined;
    } finally {
      stopListening();
    }
  });
}

function* futureFails(
  recording: Recording,
  point: ForkPoint,
  { state, output: before }: Place,
  chaos: ChaosOptions,
  { fails, signal }: CausalityOptions,
): Generator<undefined, boolean> {
  const inputs = point.inputs.filter(({ seq = 0 }) => seq > state.position.seq);
  const here = { state, inputs, end: point.end };
  const { future } = planOf(recording, here, inputs, { seed: chaos.seed, chaos });
  if (future === undefined) throw new Error("a future with chaos is none of its parent's");
  return yield* onMachine(recording, function* (machine) {
    const output = new HeardOutput(before);
    const watch = new FailureWatch(fails, before);
    machine.load(state);
    const stopListening = machine.listen((effect) => {
      output.hear(effect);
      watch.hear(effect);
      if (watch.isCertain) machine.breakOff();
    });
    try {
      for (const _ of new Future(machine, future.inputs, future.options).steps()) {
        if (watch.isCertain || signal?.aborted === true) break;
        yield undefined;
      }
      return watch.hasFailed(machine, endOf(machine, point.state.position.icount, output));
    } finally {
      stopListening();
    }
  });
}
