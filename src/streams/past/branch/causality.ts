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
import type { Pool } from "../query/index.js";
import { checkUntil, type Until } from "../until.js";
import { HeardOutput } from "./branch-end.js";
import { onMachine } from "../on-machine.js";
import { FAILING, type Failing } from "./failing.js";
import { DEFAULT_SEED } from "./branch-header.js";
import { forkPoint, type ForkPoint } from "./fork-point.js";
import { futureOutcomes, type PlaceFutures } from "./future-outcomes.js";
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
  /** Who runs the futures: the same ones, whoever does. Default: this thread. `fails` is then no function. */
  readonly on?: Pool | undefined;
  /** Ends it, with the places that there are. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each place when its futures have ended. */
  readonly found?: ((row: CausalityRow) => void) | undefined;
  /** Called as it goes on, often. */
  readonly tried?: ((progress: CausalityProgress) => void) | undefined;
}

export interface CausalityProgress {
  /** How far the one replay has come that finds the places. */
  readonly icount: number;
  /** Futures that have ended, and how many there are to be. */
  readonly tried: number;
  readonly futures: number;
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
  ...{ tried: maybe(call), on: maybe(having("a pool", "width", "run")) },
  signal: maybe(having("an AbortSignal", "aborted", "addEventListener")),
});

/**
 * Futures that differ by chaos. The promise fails with what a replay fails with, and with NotPlainError where a pool
 * would need a function.
 */
export async function causality(recording: Recording, options: CausalityOptions = {}): Promise<Causality> {
  check("causality", exactly<{ readonly recording: Recording }>({ recording: aRecording }), { recording });
  check("causality", OPTIONS, options);
  checkUntil("causality: from", options.from);
  const chaos = { ...options.chaos, seed: options.chaos?.seed ?? DEFAULT_SEED };
  check("causality", exactly<{ readonly chaos: ChaosOptions }>({ chaos: CHAOS_OPTIONS }), { chaos });
  requireDeviations("causality", { chaos });
  const rows: CausalityRow[] = [];
  const isWhole = await findRows(recording, { ...options, chaos }, rows);
  const lastPassed = rows.findLastIndex(({ runs, failed }) => failed < runs);
  return { rows, inevitableFrom: rows[lastPassed + 1] ?? null, isWhole };
}

/** A place on the way of the recording. */
interface Place {
  readonly state: MachineState;
  /** What was printed until then. */
  readonly output: string;
}

/** Answers whether it came to its end. */
async function findRows(
  recording: Recording,
  options: CausalityOptions & { readonly chaos: ChaosOptions },
  rows: CausalityRow[],
): Promise<boolean> {
  const { from = recording.log.start, runs = DEFAULT_FUTURES, positions = DEFAULT_POSITIONS } = options;
  const { chaos, fails, signal } = options;
  const futures = positions * runs;
  const places: Place[] = [];
  await paced(
    whileWanted(placesOf(recording, forkPoint(recording, from), positions, places), (icount) => {
      options.tried?.({ icount, tried: 0, futures });
      return !isAborted(signal);
    }),
  );
  if (isAborted(signal)) return false;
  const asked = places.map(({ state, output }, index): PlaceFutures => {
    const seed = `${chaos.seed}-${String(index + 1)}`;
    return { from: state, futures: { fails, output, chaos: { ...chaos, seed }, first: 1, last: runs } };
  });
  const { icount } = forkPoint(recording, from).end;
  let [tried, failed] = [0, 0];
  for await (const hasFailed of futureOutcomes(recording, asked, options.on, signal)) {
    tried += 1;
    if (hasFailed) failed += 1;
    options.tried?.({ icount, tried, futures });
    const place = places[rows.length];
    if (tried % runs === 0 && place !== undefined) {
      const row = rowOf(place.state, runs, failed);
      failed = 0;
      rows.push(row);
      options.found?.(row);
    }
    if (isAborted(signal)) break;
  }
  return rows.length === places.length;
}

/** Others may have changed it since. */
const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

function rowOf({ position, clock, config }: MachineState, runs: number, failed: number): CausalityRow {
  const ns = virtualNs(clock, config.shift, position.icount);
  return { ...position, ns, runs, failed, ...rateOf(failed, runs) };
}

function* whileWanted(steps: Generator<number, void>, isWanted: (icount: number) => boolean): Generator<number, void> {
  for (const icount of steps) {
    if (!isWanted(icount)) return;
    yield icount;
  }
}

/**
 * One replay, from the recording's beginning on, since what was printed before belongs to a failure too. Tells how far
 * it is.
 */
function* placesOf(
  recording: Recording,
  point: ForkPoint,
  positions: number,
  places: Place[],
): Generator<number, void> {
  const first = point.state.position.icount;
  const spacing = Math.max(1, Math.floor((point.end.icount - first) / positions));
  yield* onMachine(recording, recording.at(recording.log.start), function* (machine) {
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
      for (const _ of replaySteps(machine, recording.log, undefined, { keeper })) yield machine.position.icount;
    } finally {
      stopListening();
    }
  });
}
