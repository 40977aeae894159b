/** A recording that is long to read, of a machine that nobody runs. */
import { readFileSync } from "node:fs";

import type { Recording } from "../../src/streams/past/recording.js";
import { openRecording } from "../../src/streams/session/open-recording.js";
import { partsOf, written } from "./sample-recording.js";

/** Of `count` inputs; `read`: how many of them were, of all its readers together. */
export function manyEvents(count: number): { readonly recording: Recording; readonly read: () => number } {
  const { header } = partsOf(readFileSync("logs/race-fails.fold"));
  const events = Array.from({ length: count }, (_, index) => ({
    seq: index + 1,
    icount: 1000 * (index + 1),
    event: { type: "uart16550/byteReceived" as const, byte: (index * 7) % 256 },
  }));
  const recording = openRecording(written({ header, events, end: undefined }));
  let read = 0;
  const from = recording.eventsFrom.bind(recording);
  recording.eventsFrom = function* (seq) {
    for (const event of from(seq)) {
      read += 1;
      yield event;
    }
  };
  return { recording, read: () => read };
}
