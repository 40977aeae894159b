/** A recording played for people: its console on a stream, its progress, and what was checked on the way. */
import { concat, defer, EMPTY, Subject, takeUntil } from "rxjs";

import type { Diagnosis } from "../../machine/diagnosis.js";
import type { MachineState } from "../../machine/state.js";
import type { Position } from "../../reducers/position.js";
import { transmitterOf, type ConsoleName } from "../live/backends/console.js";
import type { OutputError } from "../host/output-error.js";
import { stdioOutput } from "../host/terminal/stdio-output.js";
import type { Recording } from "../past/recording.js";
import { replay$ } from "../past/replayer.js";
import type { Until } from "../past/until.js";
import { runMeter, type RunStatistics } from "./run-statistics.js";
import type { Output } from "../host/stdio.js";

export interface PlaybackOptions {
  /** Where what the guest prints goes; absent: nowhere. */
  readonly console?: Output | undefined;
  /** Only what this one prints. */
  readonly only?: ConsoleName | undefined;
  /** Hears what the guest prints. */
  readonly heard?: ((bytes: Uint8Array) => void) | undefined;
  /** What is printed before is left out, and replayed only from the nearest state; absent: from the start. */
  readonly from?: Until | undefined;
  readonly until?: Until | undefined;
  /** Called now and then. */
  readonly progress?: ((position: Position) => void) | undefined;
}

export interface PlaybackEnd {
  readonly position: Position;
  /** Executed by this playback. */
  readonly insns: number;
  readonly stateHash: bigint;
  /** As of the run that was recorded. */
  readonly diagnosis: Diagnosis;
  /** The state that it came to. */
  readonly state: () => MachineState;
  /** State hashes of the recording that the replay was compared with, the one at the end included. */
  readonly checkedHashes: number;
  readonly elapsedMs: number;
  /** The console's reader went away before the end. */
  readonly isCutShort: boolean;
  readonly statistics: () => RunStatistics;
}

/** Fails with Divergence where the replay is another run, with OutputError, and with what `Recording` fails with. */
export async function playRecording(recording: Recording, options: PlaybackOptions = {}): Promise<PlaybackEnd> {
  const { from, until, progress, console, heard, only } = options;
  const machine = recording.openMachine(undefined, from === undefined ? undefined : recording.nearestTo(from));
  const { icount: firstIcount } = machine.position;
  const closed$ = new Subject<void>();
  let isCutShort = false;
  let outputFault: OutputError | undefined;
  const output =
    console === undefined
      ? undefined
      : stdioOutput(console, (fault) => {
          outputFault = fault;
          isCutShort = true;
          closed$.next();
        });
  let isHeard = from === undefined;
  machine.listen((effect) => {
    if (!isHeard || effect.type !== "console/transmitted") return;
    if (only !== undefined && transmitterOf(effect) !== only) return;
    output?.write(effect.bytes);
    heard?.(effect.bytes);
  });

  const startMs = performance.now();
  const meter = runMeter(machine);
  let checkedHashes = 0;
  const ticking = setInterval(() => progress?.(machine.position), PROGRESS_MS);
  try {
    const wayThere$ = from === undefined ? EMPTY : replay$(machine, recording.log, from);
    const heard$ = defer(() => {
      isHeard = true;
      return replay$(machine, recording.log, until);
    });
    await new Promise<void>((resolve, reject) => {
      concat(wayThere$, heard$)
        .pipe(takeUntil(closed$))
        .subscribe({
          next: (event) => {
            meter.count(event);
            if (event.event.type === "checkpoint/hashed") checkedHashes += 1;
          },
          error: reject,
          complete: resolve,
        });
    });
  } finally {
    clearInterval(ticking);
    await output?.end();
  }
  if (outputFault !== undefined) throw outputFault;
  const elapsedMs = performance.now() - startMs;
  const { end } = recording.log;
  if (until === undefined && end !== undefined && !isCutShort) checkedHashes += 1;
  return {
    position: machine.position,
    insns: machine.position.icount - firstIcount,
    stateHash: machine.hash(),
    diagnosis: machine.diagnosis,
    checkedHashes,
    elapsedMs,
    isCutShort,
    state: () => machine.state(),
    statistics: meter.read,
  };
}

const PROGRESS_MS = 200;
