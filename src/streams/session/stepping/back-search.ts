/** Looks for places in the past of a machine, where it also came to what a user stops at. It stays where it is. */
import type { Observable } from "rxjs";

import type { Position } from "../../../reducers/position.js";
import type { Recording } from "../../past/recording.js";
import type { Until } from "../../past/until.js";
import { MonitorError } from "../target/monitor-error.js";
import type { MonitorTarget, Past, Stops } from "../target/target.js";
import { firstHit, lastHit, type PastHit } from "../stop-points/last-hit.js";
import type { StopPoint } from "../stop-points/stop-point.js";
import { spend } from "../stop-points/stop-at.js";
import { StopPoints } from "../stop-points/stop-points.js";
import type { StepEnd } from "./step-end.js";
import { stopsOf } from "./step-places.js";

interface Stretch {
  readonly from?: Until | undefined;
  readonly before: Position;
}

export class BackSearch {
  readonly stops: Stops;
  readonly past: Past;

  /** @throws {MonitorError} where it has no past */
  constructor(private readonly target: MonitorTarget) {
    this.stops = stopsOf(target);
    const { past } = target;
    if (past === undefined) throw new MonitorError("NOT_HERE", "this machine has no past to go to yet");
    this.past = past;
  }

  get recording(): Recording {
    return this.past.recording;
  }

  get present(): Position {
    return this.target.present().position;
  }

  /** The last one before there, or that of a stop point that is set. */
  last(places: readonly StopPoint[], { before, from }: Stretch): Promise<PastHit | undefined> {
    const all = [...this.set, ...places];
    if (all.length === 0) return Promise.resolve(undefined);
    return this.one(lastHit(this.recording, pointsOf(all), before, from));
  }

  /** The first one, whatever is set. Without `before`, up to the end. */
  first(places: readonly StopPoint[], { before, from }: Partial<Stretch>): Promise<PastHit | undefined> {
    return this.one(firstHit(this.recording, pointsOf(places), from, before));
  }

  /** The last one, whatever is set. */
  lastOf(places: readonly StopPoint[], { before, from }: Stretch): Promise<PastHit | undefined> {
    return this.one(lastHit(this.recording, pointsOf(places), before, from));
  }

  /** Undefined: to where the recording begins. */
  async goTo(found: PastHit | undefined): Promise<StepEnd> {
    await this.target.seek?.(found?.position ?? this.target.firstIcount ?? 0);
    if (found === undefined) return { cause: "beginning" };
    if (!this.set.includes(found.point)) return { cause: "stepped" };
    spend(found, this.stops);
    return { cause: "hit", hit: found };
  }

  /** Those of the user. */
  private get set(): readonly StopPoint[] {
    return this.stops.points.all;
  }

  private async one(hits$: Observable<PastHit>): Promise<PastHit | undefined> {
    const [hit] = await this.past.rows(hits$, 1);
    return hit;
  }
}

function pointsOf(places: readonly StopPoint[]): StopPoints {
  const points = new StopPoints();
  points.passing = places;
  return points;
}
