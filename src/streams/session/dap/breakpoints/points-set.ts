/** The breakpoints that a client has set, by group: a client says all of a group at a time. */
import type { StopPoint, NewStopPoint } from "../../stop-points/stop-point.js";
import { stopsOf } from "../../stepping/step-places.js";
import type { Debuggee } from "../debuggee.js";
import type { CountedHits } from "./counted.js";

export interface Wanted {
  readonly point: NewStopPoint;
  readonly counted: CountedHits | undefined;
  /** What the client is told of it. */
  readonly shown: object;
}

interface Set {
  readonly id: number;
  readonly point: StopPoint;
  readonly counted: CountedHits | undefined;
}

/** Why a stop came, in the protocol's words: by group. */
export type Group = "breakpoint" | "function breakpoint" | "instruction breakpoint" | "data breakpoint" | "exception";

export class PointsSet {
  private readonly groups = new Map<string, readonly Set[]>();
  private readonly reasons = new Map<StopPoint, { readonly id: number; readonly group: Group }>();
  private made = 0;

  constructor(private readonly debuggee: Debuggee) {}

  /** `of`: the file, of source breakpoints. Answers one for each; what can't be set is not verified, and says why. */
  replace(group: Group, wanted: readonly (() => Wanted)[], of = ""): readonly object[] {
    const key = `${group} ${of}`;
    const { stops } = this;
    return stops.set(() => {
      for (const { point } of this.groups.get(key) ?? []) {
        stops.points.remove(point.number);
        this.reasons.delete(point);
      }
      const set: Set[] = [];
      const answers = wanted.map((make) => this.added(make, group, set));
      this.groups.set(key, set);
      return answers;
    });
  }

  /** Undefined: somebody else set it. */
  reasonOf(point: StopPoint): { readonly id: number; readonly group: Group } | undefined {
    return this.reasons.get(point);
  }

  /** Before the machine moves: what is counted must be. Answers what can't be. */
  async prepare(): Promise<readonly string[]> {
    const complaints: string[] = [];
    for (const { counted, point } of [...this.groups.values()].flat()) {
      if (counted === undefined) continue;
      if (!(await counted.prepare(this.debuggee.target)))
        complaints.push(`${point.place}: it is hit too often to be counted: give it a condition`);
    }
    return complaints;
  }

  private get stops(): ReturnType<typeof stopsOf> {
    return stopsOf(this.debuggee.target);
  }

  private added(make: () => Wanted, group: Group, set: Set[]): object {
    const id = (this.made += 1);
    try {
      const { point: wanted, counted, shown } = make();
      const point = this.stops.points.add(wanted);
      set.push({ id, point, counted });
      this.reasons.set(point, { id, group });
      return { id, verified: true, ...shown };
    } catch (fault) {
      return { id, verified: false, message: fault instanceof Error ? fault.message : String(fault) };
    }
  }
}
