/** A recording's events as streams show them: with the virtual time, which the log leaves to be derived. */
import * as clock from "../../reducers/clock.js";
import type { PositionedEvent } from "../../reducers/events.js";
import type { VirtualNs } from "../../reducers/position.js";
import { streamEventOf, type StreamEvent } from "../../reducers/stream-event.js";
import type { Log } from "../store/log/index.js";
import { describeState } from "../store/saved-state/index.js";

/**
 * From an event on; those before it are read too, since they move the clock. @throws {LogError} where it comes to
 * damage
 */
export function* recordedEvents(log: Log, shift: number, fromSeq = 1): Generator<StreamEvent, void> {
  const time = EventClock.ofLog(log, shift);
  for (const positioned of log.events()) {
    const event = time.timed(positioned);
    if (event.seq >= fromSeq) yield event;
  }
}

/** The virtual clock of a recording, moved by its events: it must see all of them, in order. */
export class EventClock {
  constructor(
    private state: clock.ClockState,
    private readonly shift: number,
  ) {}

  /** For the events of a log from its first on. */
  static ofLog(log: Pick<Log, "readStart">, shift: number): EventClock {
    return new EventClock(startOf(log, shift), shift);
  }

  /** At an icount that no event moves the clock before. */
  nsAt(icount: number): VirtualNs {
    return clock.virtualNs(this.state, this.shift, icount);
  }

  /** The first icount at which the clock has reached the time. */
  icountAt(ns: bigint): number {
    return clock.icountAt(this.state, this.shift, ns);
  }

  timed(positioned: PositionedEvent): StreamEvent {
    const { icount, event } = positioned;
    if (clock.isClockEvent(event)) this.state = clock.reduce(this.state, event);
    return streamEventOf(positioned, this.nsAt(icount));
  }
}

const startOf = (log: Pick<Log, "readStart">, shift: number): clock.ClockState => {
  const saved = log.readStart();
  if (saved === undefined) return clock.initialState;
  const { virtualNs, position } = describeState(saved);
  return { biasNs: virtualNs - clock.virtualNs(clock.initialState, shift, position.icount) };
};
