/**
 * Stretches of a run, from a place back to the beginning of the machine's life: short ones first, because what is
 * looked for mostly happened a moment ago; then as long as a replay runs in a moment.
 */
import type { MachineState } from "../../../machine/state.js";
import type { Recording } from "../recording.js";
import { lifeAt } from "./events-back.js";
import { silently } from "./steps.js";

export interface Window {
  readonly before: MachineState;
  readonly after: MachineState;
}

/** A place in a run: after an event, at an icount. */
export interface Place {
  readonly seq: number;
  readonly icount: number;
}

/** The distances at which a replay leaves states before a place that was asked for, or a bit less. */
const SHORT_INSNS = [1_000, 8_000, 64_000, 512_000] as const;
const LONG_INSNS = 8_000_000;

/** Undefined: a stretch more was replayed. */
export function* windowsBack(recording: Recording, place: Place): Generator<Window | undefined, void> {
  const life = lifeAt(recording, place.seq);
  let after = yield* silently(recording.stepsTo({ seq: place.seq, icount: place.icount }));
  for (let round = 0; isBefore(life, after.position); round += 1) {
    const short = SHORT_INSNS[round];
    const target = short === undefined ? after.position.icount - LONG_INSNS : place.icount - short;
    let before: MachineState | undefined;
    if (target > life.icount) {
      before = short === undefined ? recording.nearestTo(target) : yield* silently(recording.stepsTo(target));
    }
    if (before === undefined || !isBefore(life, before.position)) {
      before = yield* silently(recording.stepsTo({ ...life }));
    }
    if (isBefore(before.position, after.position)) yield { before, after };
    after = before;
  }
}

export const isBefore = (a: Place, b: Place): boolean =>
  a.icount < b.icount || (a.icount === b.icount && a.seq < b.seq);
