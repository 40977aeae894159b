/** Where a recording came to a stop point, last before a place or first behind one. */
import { Observable, take } from "rxjs";

import type { Position } from "../../../reducers/position.js";
import { positionOf } from "../../../reducers/position.js";
import { backward } from "../../past/query/backward.js";
import { findsFrom } from "../../past/query/probed-replay.js";
import { pushed } from "../../past/query/pushed.js";
import type { Reading } from "../../past/query/question.js";
import type { Recording } from "../../past/recording.js";
import type { Until } from "../../past/until.js";
import type { Hit, StopPoints } from "./stop-points.js";

export interface PastHit extends Hit {
  /** Before the instruction. */
  readonly position: Position;
}

/** Completes without one where there is none. Names are not needed for it, so nothing runs to where they are. */
export const lastHit = (
  recording: Recording,
  points: StopPoints,
  { seq, icount }: Position,
  from?: Until,
): Observable<PastHit> => {
  const open = (): Reading<PastHit> => readingOf(points);
  return new Observable((subscriber) =>
    pushed(backward(recording, { from, until: { seq, icount } }, open), subscriber),
  );
};

/** From a place on, up to another, or to the end. */
export const firstHit = (
  recording: Recording,
  points: StopPoints,
  from: Until | undefined,
  before?: Position,
): Observable<PastHit> =>
  new Observable<PastHit>((subscriber) => {
    const listener = readingOf(points).listen(true);
    const until = before && { seq: before.seq, icount: before.icount };
    const finds = findsFrom(recording, listener, recording.at(from ?? recording.log.start), until);
    pushed(finds as Generator<readonly PastHit[], void>, subscriber);
  }).pipe(take(1));

/** All, in order. */
export const allHits = (recording: Recording, points: StopPoints): Observable<PastHit> =>
  new Observable((subscriber) => {
    const finds = findsFrom(recording, readingOf(points).listen(true), recording.at(recording.log.start), undefined);
    pushed(finds as Generator<readonly PastHit[], void>, subscriber);
  });

const readingOf = (points: StopPoints): Reading<PastHit> => ({
  // Conditions are the caller's, so it stays in this thread.
  question: undefined,
  listen: () => ({
    probes: points.probes,
    rulesOut: (before, after) => !points.mayBeHit(before, after),
    told: (machine, icount, probed) => {
      const hit = points.hitBy(machine, probed);
      return hit && { ...hit, position: positionOf(machine.position.seq, icount) };
    },
  }),
  take: (found, emit) => {
    emit(found as PastHit);
  },
});
