/** Stops a machine where it comes to a stop point, in the middle of a run. */
import type { Probed } from "../../../machine/engine/probes.js";
import type { Machine } from "../../../machine/machine.js";
import type { Control, Stopped } from "../../time/control.js";
import type { Hit, StopPoints } from "./stop-points.js";

/** For who is told what the guest does. */
export function stopAt(machine: Machine, control: Control, points: StopPoints, icount: number, probed: Probed): void {
  // There it stands already.
  if (probed.type === "instruction/reached" && control.stoodAt?.icount === icount) return;
  const hit = points.hitBy(machine, probed);
  if (hit === undefined) return;
  hit.point.hits += 1;
  control.stopHere(hit);
  if (probed.type === "instruction/reached") machine.breakOffBefore();
  else machine.breakOff();
}

/** The number of a stop point that was for once, and is over. */
export function spentBy(stopped: Stopped): number | undefined {
  const hit = "by" in stopped ? (stopped.by as Hit | undefined) : undefined;
  return hit?.point.isOnce === true ? hit.point.number : undefined;
}
