/** The events of a recording that is still written, as they come. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import type { StreamEvent } from "../../reducers/stream-event.js";
import { fileSource } from "../host/file-source.js";
import { EventClock } from "../past/recorded-events.js";
import type { Recording } from "../past/recording.js";
import { LogError, LogTail } from "../store/log/index.js";
import { openRecording, type RecordingOptions } from "./open-recording.js";

export type { StreamEvent };

/** How often the file is looked at. */
export const LOOK_MS = 200;

export interface FollowOptions {
  /** Called once where it has to be waited for. */
  readonly waits?: (() => void) | undefined;
  readonly lookMs?: number | undefined;
  /** How it is opened. */
  readonly opened?: RecordingOptions | undefined;
}

/**
 * Batches of events, each to be read before the next is asked for; the first has all that is there. Waits for a file
 * that is not there yet, or has not its first segment whole, and calls `waits` once where it does. Ends when the
 * recording was closed, and never where its recorder was killed. Throws LogError where the file is no recording, or is
 * damaged.
 */
export async function* followEvents(
  path: string,
  options: FollowOptions = {},
): AsyncGenerator<Iterable<StreamEvent>, void> {
  const { lookMs = LOOK_MS } = options;
  const recording = await begunRecording(path, options);
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

/** Once its recorder has begun. @throws {LogError} */
export async function begunRecording(
  path: string,
  { waits, lookMs = LOOK_MS, opened }: FollowOptions,
): Promise<Recording> {
  let recording = openBegun(path, opened);
  if (recording === undefined) waits?.();
  for (; recording === undefined; recording = openBegun(path, opened)) await sleep(lookMs);
  return recording;
}

/** Undefined where its recorder has not begun. @throws {LogError} */
function openBegun(path: string, options?: RecordingOptions): Recording | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return openRecording(path, options);
  } catch (error) {
    if (error instanceof LogError && error.code === "HEADER_INCOMPLETE") return undefined;
    throw error;
  }
}

function* timed(events: ReturnType<LogTail["look"]>, clock: EventClock): Generator<StreamEvent> {
  for (const event of events) yield clock.timed(event);
}
