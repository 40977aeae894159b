/** The state of a recording at a place, for a person who waits for it: progress shows, and a signal ends it. */
import { Subject, takeUntil } from "rxjs";

import type { MachineState } from "../../machine/state.js";
import type { Position } from "../../reducers/position.js";
import type { Signal, Stdio } from "../host/stdio.js";
import type { Recording } from "../past/recording.js";
import type { Until } from "../past/until.js";

export interface SoughtOptions {
  readonly until: Until | undefined;
  /** Called now and then. */
  readonly progress: (position: Position) => void;
}

/** The state, or the signal that came first. Fails as `Recording.at` does. */
export async function soughtState(
  recording: Recording,
  { onSignal }: Pick<Stdio, "onSignal">,
  { until, progress }: SoughtOptions,
): Promise<MachineState | Signal> {
  const machine = recording.openMachine();
  const ticking = setInterval(() => {
    progress(machine.position);
  }, PROGRESS_MS);
  const signals$ = new Subject<Signal>();
  const stopListening = onSignal((signal) => {
    signals$.next(signal);
  });
  try {
    return await new Promise<MachineState | Signal>((resolve, reject) => {
      signals$.subscribe(resolve);
      recording.seek$(machine, until).pipe(takeUntil(signals$)).subscribe({ next: resolve, error: reject });
    });
  } finally {
    stopListening();
    clearInterval(ticking);
  }
}

const PROGRESS_MS = 200;
