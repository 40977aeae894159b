/** What is to be replayed happens at a position. */
import { MonitorError } from "./monitor-error.js";
import type { MonitorTarget } from "./target.js";

/** @throws {MonitorError} where it stands behind a trap: a replay is before that trap at this position. */
export function requirePosition({ isMidway }: Pick<MonitorTarget, "isMidway">): void {
  if (isMidway !== true) return;
  throw new MonitorError(
    "NOT_HERE",
    "it stands between a trap and its handler's first instruction, which is no position: step once, and then do it",
  );
}
