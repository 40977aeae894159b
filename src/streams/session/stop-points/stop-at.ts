/** Stops a machine where it comes to a stop point, in the middle of a run. */
import type { Probed } from "../../../machine/engine/probes.js";
import type { Machine } from "../../../machine/machine.js";
import type { Control, Stopped } from "../../time/control.js";
import type { Hit, StopPoints } from "./stop-points.js";

/** For who is told what the guest does. */
export function stopAt(machine: Machine, control: Control, points: StopPoints, icount: number, probed: Probed): void {
  // There it stands already.
  if (probed.type === "instruction/reached" && control.stoodAt?.icount === icount) return;
  if (probed.type === "trap/taken" && control.stoodAt?.icount === icount && points.trappedAt === icount) return;
  const hit = points.hitBy(machine, probed);
  if (hit === undefined) return;
  hit.point.hits += 1;
  points.trappedAt = hit.trap === undefined ? undefined : icount;
  control.stopHere(hit);
  if (probed.type === "instruction/reached") machine.breakOffBefore();
  else machine.breakOff();
}

/** What stopped it, where that was a stop point. */
export const hitIn = (stopped: Stopped): Hit | undefined =>
  "by" in stopped ? (stopped.by as Hit | undefined) : undefined;

/** A stop point that is for once goes with its first hit, forward or back. */
export function spend(
  hit: Hit | undefined,
  { points, set }: { readonly points: StopPoints; readonly set: (change: () => unknown) => unknown },
): void {
  if (hit?.point.isOnce === true) set(() => points.remove(hit.point.number));
}
