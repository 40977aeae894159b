/** What a reader who is behind misses: the source waits for nobody, and the reader is told how much it lost. */
import { Observable } from "rxjs";

import type { Demand } from "../time/pulled.js";
import type { GapRow, StreamRow } from "./row.js";

/** `demand`: met while the reader has no room. */
export const withGaps = (rows$: Observable<StreamRow>, demand: Demand): Observable<StreamRow> =>
  new Observable((subscriber) => {
    let gap: GapRow | undefined;
    const tellGap = (): void => {
      if (gap !== undefined) subscriber.next(gap);
      gap = undefined;
    };
    subscriber.add(demand.changed$.subscribe(tellGap));
    subscriber.add(
      rows$.subscribe({
        next: (row) => {
          if (gap === undefined && !demand.isMet) subscriber.next(row);
          else gap = gapAt(row, (gap?.lost ?? 0) + 1);
        },
        error: (fault: unknown) => {
          tellGap();
          subscriber.error(fault);
        },
        complete: () => {
          tellGap();
          subscriber.complete();
        },
      }),
    );
  });

const gapAt = ({ seq, icount, ns, hart }: StreamRow, lost: number): GapRow => ({
  kind: "gap",
  hart,
  seq,
  icount,
  ns,
  lost,
});
