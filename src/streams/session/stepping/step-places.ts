/** Places where a step may end: instructions, under a condition. They are stop points that nobody sees. */
import type { Inspected } from "../../../machine/inspect.js";
import { PlaceError } from "../../past/names/place-error.js";
import { MonitorError } from "../monitor/monitor-error.js";
import type { MonitorTarget, Stops } from "../monitor/target.js";
import { rangesIn, type StopPoint } from "../stop-points/stop-point.js";

/** `isMet`: of the hart that executes there. */
export function stepPlace(stops: Stops, addresses: readonly bigint[], isMet: (at: Inspected) => boolean): StopPoint {
  const mapped = stops.mapped();
  return {
    number: 0,
    kind: "break",
    place: "a step",
    addresses,
    ranges: addresses.flatMap((address) => whereMapped(address, mapped)),
    condition: undefined,
    isMet,
    isSteppedOver: false,
    isOnce: false,
    hits: 0,
  };
}

/** What is in no memory is reached by nobody. */
function whereMapped(address: bigint, mapped: ReturnType<Stops["mapped"]>): StopPoint["ranges"] {
  try {
    return rangesIn({ address, bytes: 2 }, mapped);
  } catch (fault) {
    if (fault instanceof PlaceError) return [];
    throw fault;
  }
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
