/** Replays a recording once, and keeps states of it for every process that asks it later. */
import {
  firstValueFrom,
  fromEvent,
  ignoreElements,
  interval,
  lastValueFrom,
  merge,
  mergeMap,
  NEVER,
  of,
  tap,
  throwError,
  Observable,
} from "rxjs";

import { check } from "../../options/check.js";
import { call, exactly, flag, having, maybe, whole } from "../../options/codecs.js";
import { aRecording } from "../../options/parts.js";
import type { Position } from "../../reducers/position.js";
import {
  DEFAULT_INDEX_BYTES,
  StateIndexBuilder,
  StateIndexError,
  type StateIndex,
} from "../store/state-index/index.js";
import { beside } from "../time/beside.js";
import { hostTime } from "../time/host-time.js";
import type { Recording } from "./recording.js";
import { replay$ } from "./replayer.js";

export interface IndexOptions {
  /** What it may take: 256 MiB. With less, its states lie further apart. */
  readonly maxBytes?: number | undefined;
  /** Also where a sound one is there. */
  readonly force?: boolean | undefined;
  /** Called now and then while the recording is replayed. */
  readonly progress?: ((position: Position) => void) | undefined;
  /** Ends the work: nothing is written, and what was there stays. The promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface IndexSummary {
  readonly path: string;
  /** False: a sound one was there. */
  readonly isNew: boolean;
  readonly states: number;
  readonly bytes: number;
}

const RECORDING = exactly<{ readonly recording: Recording }>({ recording: aRecording });
const OPTIONS = exactly<IndexOptions>({
  maxBytes: maybe(whole),
  force: maybe(flag),
  progress: maybe(call),
  signal: maybe(having("an AbortSignal", "aborted", "addEventListener")),
});

/**
 * Makes the recording's state index, unless there is a sound one. The recording uses it from then on, and so does every
 * one that is opened later. Rejects as a replay does; with LogError CANNOT_WRITE; with the signal's reason.
 */
export async function indexRecording(recording: Recording, options: IndexOptions = {}): Promise<IndexSummary> {
  check("indexRecording", RECORDING, { recording });
  check("indexRecording", OPTIONS, options);
  const { maxBytes = DEFAULT_INDEX_BYTES, force = false, progress, signal } = options;
  const present = force ? undefined : soundIndex(recording);
  if (present !== undefined) {
    const { states, byteLength } = present;
    present.close();
    return { path: recording.index.path, isNew: false, states: states.length, bytes: byteLength };
  }
  const machine = recording.openMachine();
  const builder = new StateIndexBuilder(machine.state(), maxBytes);
  const events$ = replay$(machine, recording.log, undefined, { keeper: builder });
  const shown$ = interval(PROGRESS_MS).pipe(tap(() => progress?.(machine.position)));
  await lastValueFrom(beside(events$, merge(shown$, abortOf(signal))).pipe(ignoreElements()), {
    defaultValue: undefined,
  });
  // Whoever gave up meanwhile is heard before anything is written.
  await firstValueFrom(new Observable((subscriber) => hostTime.nextTurn.subscribe(subscriber)), {
    defaultValue: undefined,
  });
  signal?.throwIfAborted();
  builder.keep(machine.state(), false);
  machine.release();
  const { path, byteLength } = recording.index.write(builder);
  recording.useIndex();
  return { path, isNew: true, states: builder.stateCount, bytes: byteLength };
}

const PROGRESS_MS = 200;

/** One that was damaged is made anew. */
function soundIndex({ index }: Recording): StateIndex | undefined {
  try {
    return index.openChecked();
  } catch (fault) {
    if (!(fault instanceof StateIndexError)) throw fault;
    return undefined;
  }
}

/** Fails with the signal's reason. */
function abortOf(signal: AbortSignal | undefined): Observable<never> {
  if (signal === undefined) return NEVER;
  const aborted$: Observable<unknown> = signal.aborted ? of(signal) : fromEvent(signal, "abort");
  return aborted$.pipe(mergeMap(() => throwError((): unknown => signal.reason)));
}
