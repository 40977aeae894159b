/** One instruction of a hart back: to where it stood before it retired the last one. */
import type { Past, MonitorTarget } from "../target/target.js";
import { retiredOf } from "./forward.js";

/** Undefined: the hart has retired none before. */
export function icountBefore(target: MonitorTarget, { recording }: Past, hart: number): number | undefined {
  const present = target.present();
  const retired = retiredOf(present, hart);
  const first = target.firstIcount ?? 0;
  const { schedule, position } = present;
  if (schedule.hart === hart && position.icount > Math.max(first, schedule.sinceIcount)) return position.icount - 1;
  const isBefore = (icount: number): boolean => retiredOf(recording.at(icount), hart) < retired;
  let low: number = position.icount;
  let high = low;
  // Other harts had turns since: back in strides that grow, and then by halves.
  for (let stride = 1; high === low; stride *= 2) {
    if (high === first) return undefined;
    low = Math.max(first, position.icount - stride);
    if (!isBefore(low)) high = low;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isBefore(middle)) low = middle;
    else high = middle;
  }
  return low;
}
