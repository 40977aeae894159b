/** A recording's events as streams show them: with the virtual time, which the log leaves to be derived. */
import * as clock from "../../reducers/clock.js";
import type { PositionedEvent } from "../../reducers/events.js";
import { streamEventOf, type StreamEvent } from "../../reducers/stream-event.js";
import type { Log } from "../store/log/index.js";
import { describeState } from "../store/saved-state/index.js";

/**
 * From an event on; those before it are read too, since they move the clock. @throws {LogError} where it comes to
 * damage
 */
export function* recordedEvents(log: Log, shift: number, fromSeq = 1): Generator<StreamEvent, void> {
  const time = new EventClock(log, shift);
  for (const positioned of log.events()) {
    const event = time.timed(positioned);
    if (event.seq >= fromSeq) yield event;
  }
}

/** The virtual clock of a recording, moved by its events: it must see all of them, in order. */
export class EventClock {
  private state: clock.ClockState;

  constructor(
    log: Pick<Log, "readStart">,
    private readonly shift: number,
  ) {
    this.state = startOf(log, shift);
  }

  timed(positioned: PositionedEvent): StreamEvent {
    const { icount, event } = positioned;
    if (clock.isClockEvent(event)) this.state = clock.reduce(this.state, event);
    return streamEventOf(positioned, clock.virtualNs(this.state, this.shift, icount));
  }
}

const startOf = (log: Pick<Log, "readStart">, shift: number): clock.ClockState => {
  const saved = log.readStart();
  if (saved === undefined) return clock.initialState;
  const { virtualNs, position } = describeState(saved);
  return { biasNs: virtualNs - clock.virtualNs(clock.initialState, shift, position.icount) };
};
