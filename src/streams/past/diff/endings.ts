/** How two recordings end, and whether one of them goes on where the other has ended. */
import type { Recording } from "../recording.js";

export interface Ending {
  readonly icount: number;
  readonly events: number;
  /** In the words of a recording; null: it was cut off. */
  readonly cause: string | null;
}

export interface Endings {
  readonly a: Ending;
  readonly b: Ending;
}

/** Undefined: at one icount, by the same cause. */
export function endingsOf(a: Recording, b: Recording): Endings | undefined {
  const [inA, inB] = [endingOf(a), endingOf(b)];
  return inA.icount === inB.icount && inA.cause === inB.cause ? undefined : { a: inA, b: inB };
}

const endingOf = ({ log }: Recording): Ending => ({
  icount: log.end?.icount ?? log.lastIcount,
  events: log.eventCount,
  cause: log.end?.cause ?? null,
});
