/** A recording's events as streams show them: with the virtual time, which the log leaves to be derived. */
import * as clock from "../../reducers/clock.js";
import { streamEventOf, type StreamEvent } from "../../reducers/stream-event.js";
import type { Log } from "../store/log/index.js";
import { describeState } from "../store/saved-state/index.js";

/** From an event on; those before it are read too, since they move the clock. @throws {LogError} where it comes to damage */
export function* recordedEvents(log: Log, shift: number, fromSeq = 1): Generator<StreamEvent, void> {
  let time = startOf(log, shift);
  for (const positioned of log.events()) {
    const { seq, icount, event } = positioned;
    if (event.type === "clock/warped") time = clock.reduce(time, event);
    if (seq >= fromSeq) yield streamEventOf(positioned, clock.virtualNs(time, shift, icount));
  }
}

const startOf = (log: Log, shift: number): clock.ClockState => {
  const saved = log.readStart();
  if (saved === undefined) return clock.initialState;
  const { virtualNs, position } = describeState(saved);
  return { biasNs: virtualNs - clock.virtualNs(clock.initialState, shift, position.icount) };
};
