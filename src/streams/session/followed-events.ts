/** The events of a recording that is still written, as they come. */
import { setTimeout as sleep } from "node:timers/promises";

import type { StreamEvent } from "../../reducers/stream-event.js";
import { fileSource } from "../host/file-source.js";
import { EventClock } from "../past/recorded-events.js";
import { LogTail } from "../store/log/index.js";
import { openRecording } from "./open-recording.js";

export type { StreamEvent };

/** How often the file is looked at. */
const LOOK_MS = 200;

/**
 * Batches of events, each to be read before the next is asked for; the first has all that is there. Ends when the
 * recording was closed, and never where its recorder was killed. Throws LogError where the file is no recording yet, or
 * is damaged.
 */
export async function* followEvents(path: string, lookMs = LOOK_MS): AsyncGenerator<Iterable<StreamEvent>, void> {
  const recording = openRecording(path);
  const clock = new EventClock(recording.log, recording.config.shift);
  recording.close();
  const tail = new LogTail();
  for (;;) {
    const source = fileSource(path);
    try {
      yield timed(tail.look(source), clock);
    } finally {
      source.close();
    }
    if (tail.hasEnded) return;
    await sleep(lookMs);
  }
}

function* timed(events: ReturnType<LogTail["look"]>, clock: EventClock): Generator<StreamEvent> {
  for (const event of events) yield clock.timed(event);
}
