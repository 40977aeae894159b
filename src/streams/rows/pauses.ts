/** Readers for whom a machine stands still while they have no room. */
import { Observable, Subject } from "rxjs";

import type { Machine } from "../../machine/machine.js";
import type { Demand } from "../time/pulled.js";

export class Pauses implements Demand {
  private readonly demands = new Set<Demand>();
  private readonly changes$ = new Subject<void>();

  constructor(private readonly machine: Pick<Machine, "breakOff">) {}

  get isMet(): boolean {
    for (const { isMet } of this.demands) if (isMet) return true;
    return false;
  }

  get changed$(): Observable<void> {
    return this.changes$;
  }

  /** The same rows. `demand`: met while their reader has no room. */
  pausing<Row>(rows$: Observable<Row>, demand: Demand): Observable<Row> {
    return new Observable((subscriber) => {
      this.demands.add(demand);
      subscriber.add(demand.changed$.subscribe(this.changes$));
      subscriber.add(() => {
        this.demands.delete(demand);
        this.changes$.next();
      });
      subscriber.add(
        rows$.subscribe({
          next: (row) => {
            subscriber.next(row);
            // A run may be millions of instructions long: it ends with this one.
            if (demand.isMet) this.machine.breakOff();
          },
          error: (fault: unknown) => {
            subscriber.error(fault);
          },
          complete: () => {
            subscriber.complete();
          },
        }),
      );
    });
  }
}
