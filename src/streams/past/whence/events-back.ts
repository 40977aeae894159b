/** The events of a recording, from a place back to the beginning. */
import type { Recording } from "../recording.js";
import type { StreamEvent } from "../../../reducers/stream-event.js";

const EVENTS_AT_ONCE = 256;

/** The latest first: up to the event `seq`, and with it. */
export function* eventsBack(recording: Recording, seq: number): Generator<StreamEvent, void> {
  const first = recording.log.start.seq + 1;
  for (let last = seq; last >= first;) {
    const from = Math.max(first, last - EVENTS_AT_ONCE + 1);
    const some: StreamEvent[] = [];
    for (const event of recording.eventsFrom(from)) {
      if (event.seq > last) break;
      some.push(event);
    }
    yield* some.reverse();
    last = from - 1;
  }
}

/** Where the machine began the life that it is in after an event: at its last reset, or at the recording's start. */
export function lifeAt(recording: Recording, seq: number): { readonly seq: number; readonly icount: number } {
  let resets = resetsOf.get(recording.log);
  if (resets === undefined) {
    resets = [];
    for (const { seq: at, icount, event } of recording.log.events()) {
      if (event.type === "machine/reset") resets.push({ seq: at, icount });
    }
    resetsOf.set(recording.log, resets);
  }
  return resets.findLast((reset) => reset.seq <= seq) ?? recording.log.start;
}

const resetsOf = new WeakMap<object, { readonly seq: number; readonly icount: number }[]>();
