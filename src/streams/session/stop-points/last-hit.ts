/** Where a recording came to a stop point last before a place. */
import type { Position } from "../../../reducers/position.js";
import { positionOf } from "../../../reducers/position.js";
import { Query } from "../../past/query/index.js";
import type { Recording } from "../../past/recording.js";
import type { Until } from "../../past/until.js";
import type { Hit, StopPoints } from "./stop-points.js";

export interface PastHit extends Hit {
  /** Before the instruction. */
  readonly position: Position;
}

/** Its `last$` is the one. */
export const pastHits = (recording: Recording, points: StopPoints, before: Position, from?: Until): Query<PastHit> =>
  new Query<PastHit>(
    recording,
    () => ({
      // Conditions are the caller's, so it stays in this thread.
      question: undefined,
      listen: () => ({
        probes: points.probes,
        told: (machine, icount, probed) => {
          const hit = points.hitBy(machine, probed);
          return hit && { ...hit, position: positionOf(machine.position.seq, icount) };
        },
      }),
      take: (found, emit) => {
        emit(found as PastHit);
      },
    }),
    { from, until: { seq: before.seq, icount: before.icount } },
  );
