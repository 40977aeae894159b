/** The stop points of a machine, which is told to watch for them. */
import type { Machine } from "../../../machine/machine.js";
import type { StopPoints } from "../stop-points/stop-points.js";
import type { Stops } from "./target.js";

export const machineStops = (machine: Pick<Machine, "watch">, points: StopPoints, mapped: Stops["mapped"]): Stops => ({
  points,
  set(change) {
    const changed = change();
    machine.watch(points.probes);
    return changed;
  },
  mapped,
});
