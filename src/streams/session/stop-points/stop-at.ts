/** Stops a machine where it comes to a stop point, in the middle of a run. */
import type { Probed } from "../../../machine/engine/probes.js";
import type { Machine } from "../../../machine/machine.js";
import type { Control, Stood, Stopped } from "../../time/control.js";
import type { StopPoint } from "./stop-point.js";
import type { Hit, StopPoints } from "./stop-points.js";

/** For who is told what the guest does. */
export function stopAt(machine: Machine, control: Control, points: StopPoints, icount: number, probed: Probed): void {
  if (probed.type === "trap/taken" && control.stoodAt?.icount === icount && points.trappedAt === icount) return;
  const stood = isOfInstruction(probed) ? stoodHere(machine, control, icount) : undefined;
  const hit = points.hitBy(machine, probed, (point) => stood === undefined || !isPassed(point, stood));
  if (hit === undefined) return;
  const { point } = hit;
  point.hits += 1;
  points.trappedAt = hit.trap === undefined ? undefined : icount;
  control.stopHere(hit);
  if (isOfInstruction(probed) && (point.kind === "break" || point.isSteppedOver)) machine.breakOffBefore();
  else machine.breakOff();
}

/** Where it stood last, if that was before the very instruction that is told of again now that it goes on. */
function stoodHere({ pc, hart }: Machine, { stoodAt }: Control, icount: number): Stood | undefined {
  return stoodAt?.icount === icount && stoodAt.pc === pc && stoodAt.hart === hart ? stoodAt : undefined;
}

/**
 * Whether a point that it came to there is no news. Of one that its debugger steps over, only where it was this point
 * that it stood for: else another hart's turn may have ended there, of which the debugger was told.
 */
const isPassed = (point: StopPoint, { by }: Stood): boolean =>
  point.isSteppedOver ? isHit(by) && by.point === point : point.kind === "break";

/** A device's access is of none. */
const isOfInstruction = (probed: Probed): boolean => !("by" in probed) || probed.by === "hart";

/** What stopped it, where that was a stop point. */
export const hitIn = (stopped: Stopped): Hit | undefined =>
  "by" in stopped && isHit(stopped.by) ? stopped.by : undefined;

const isHit = (by: unknown): by is Hit => typeof by === "object" && by !== null && "point" in by;

/** A stop point that is for once goes with its first hit, forward or back. */
export function spend(
  hit: Hit | undefined,
  { points, set }: { readonly points: StopPoints; readonly set: (change: () => unknown) => unknown },
): void {
  if (hit?.point.isOnce === true) set(() => points.remove(hit.point.number));
}
