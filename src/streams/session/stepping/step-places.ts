/** Places where a step may end: instructions, under a condition. They are stop points that nobody sees. */
import type { Inspected } from "../../../machine/inspect.js";
import { MonitorError } from "../target/monitor-error.js";
import type { MonitorTarget, Stops } from "../target/target.js";
import { codeIn, type StopPoint } from "../stop-points/stop-point.js";

/** `isMet`: of the hart that executes there. */
export function stepPlace(
  stops: Stops,
  addresses: readonly bigint[],
  isMet: (at: Inspected, icount: number) => boolean,
): StopPoint {
  return {
    number: 0,
    kind: "break",
    place: "a step",
    addresses,
    // What is in no memory is reached by nobody.
    ranges: codeIn(addresses, stops.mapped()).ranges,
    condition: undefined,
    isMet,
    isSteppedOver: false,
    isOnce: false,
    hits: 0,
  };
}

/** While `run` runs, a machine stops there too. */
export async function passing<T>(stops: Stops, places: readonly StopPoint[], run: () => Promise<T>): Promise<T> {
  stops.set(() => {
    stops.points.passing = places;
  });
  try {
    return await run();
  } finally {
    stops.set(() => {
      stops.points.passing = [];
    });
  }
}

/** @throws {MonitorError} where it has none */
export function stopsOf(target: MonitorTarget): Stops {
  if (target.stops !== undefined) return target.stops;
  throw new MonitorError("NOT_HERE", "not here: the machine's code is made without stops");
}
