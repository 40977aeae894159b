import { hostTime } from "../../src/streams/time/host-time.js";

/** A clock at which each look ends a turn: else a quick machine is at the end of a short recording in its first one. */
export function briefTurns(lookMs = 1000): () => number {
  let nowMs = 0;
  return () => (nowMs += lookMs);
}

/** For whoever looks at the host's own time. `lookMs`: from one look to the next. */
export async function withBriefTurns<T>(work: () => T | Promise<T>, lookMs?: number): Promise<T> {
  const usual = { ...hostTime };
  Object.assign(hostTime, { monotonicMs: briefTurns(lookMs) });
  try {
    return await work();
  } finally {
    Object.assign(hostTime, usual);
  }
}
