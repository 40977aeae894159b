/** Places that a person has named, for as long as a monitor's target is there: nothing is written. */
import type { PlainPosition } from "../../../reducers/position.js";
import { MonitorError } from "./monitor-error.js";

/** More than a person remembers. */
export const MAX_MARKS = 1000;

export class Marks {
  private readonly places = new Map<string, PlainPosition>();

  /** One of that name is replaced. @throws {MonitorError} NO_ROOM */
  set(name: string, { seq, icount }: PlainPosition): void {
    if (!this.places.has(name) && this.places.size === MAX_MARKS) {
      throw new MonitorError("NO_ROOM", `there are ${String(MAX_MARKS)} marks already: take the name of one`);
    }
    this.places.set(name, { seq, icount });
  }

  get(name: string): PlainPosition | undefined {
    return this.places.get(name);
  }
}
