/** The events of a recording that is still written, as they come. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import type { StreamEvent } from "../../reducers/stream-event.js";
import { fileSource } from "../host/file-source.js";
import { EventClock } from "../past/recorded-events.js";
import type { Recording } from "../past/recording.js";
import { LogError, LogTail } from "../store/log/index.js";
import { openRecording } from "./open-recording.js";

export type { StreamEvent };

/** How often the file is looked at. */
const LOOK_MS = 200;

/**
 * Batches of events, each to be read before the next is asked for; the first has all that is there. Waits for a file
 * that is not there yet, or has not its first segment whole, and calls `waits` once where it does. Ends when the
 * recording was closed, and never where its recorder was killed. Throws LogError where the file is no recording, or is
 * damaged.
 */
export async function* followEvents(
  path: string,
  { waits, lookMs = LOOK_MS }: { readonly waits?: () => void; readonly lookMs?: number } = {},
): AsyncGenerator<Iterable<StreamEvent>, void> {
  let recording = openBegun(path);
  if (recording === undefined) waits?.();
  for (; recording === undefined; recording = openBegun(path)) await sleep(lookMs);
  const clock = EventClock.ofLog(recording.log, recording.config.shift);
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

/** Undefined where its recorder has not begun. @throws {LogError} */
function openBegun(path: string): Recording | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return openRecording(path);
  } catch (error) {
    if (error instanceof LogError && error.code === "HEADER_INCOMPLETE") return undefined;
    throw error;
  }
}

function* timed(events: ReturnType<LogTail["look"]>, clock: EventClock): Generator<StreamEvent> {
  for (const event of events) yield clock.timed(event);
}
