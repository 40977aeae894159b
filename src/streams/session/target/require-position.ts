/** What is to be replayed happens at a position. */
import { requireWritable } from "../../../machine/written-state.js";
import type { DebuggerEvent } from "../../../reducers/debugger.js";
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

/** Before a debugger writes, where it stands. @throws {MonitorError} @throws {NotWritableError} */
export function requireWrite(target: Pick<MonitorTarget, "isMidway" | "state">, event: DebuggerEvent): void {
  requirePosition(target);
  requireWritable(target.state(), event);
}
