/** Where a recording's machine was reset. A reset puts another memory in place of all, which no store tells. */
import type { Log } from "../../store/log/index.js";

const known = new WeakMap<Log, readonly number[]>();

/** Whether a reset lies behind event `afterSeq`, up to event `untilSeq`. */
export function hasReset(log: Log, afterSeq: number, untilSeq: number): boolean {
  let resets = known.get(log);
  if (resets === undefined) {
    resets = [...log.events()].filter(({ event }) => event.type === "machine/reset").map(({ seq }) => seq);
    known.set(log, resets);
  }
  return resets.some((seq) => seq > afterSeq && seq <= untilSeq);
}
