/** A small real recording, and what it takes to change one thing in it and write it anew with valid checksums. */
import { openLog, openWriter, memorySink, type LogEnd, type LogHeader } from "../../src/streams/store/log/index.js";
import type { GivenPositioned } from "../../src/reducers/stream-event.js";

export interface RecordingParts {
  readonly header: LogHeader;
  readonly events: readonly GivenPositioned[];
  readonly end: LogEnd | undefined;
}

export const partsOf = (recording: Uint8Array): RecordingParts => {
  const log = openLog(recording);
  const { header, end } = log;
  return { header, events: [...log.events()], end };
};

/** @throws {LogError} for events that no writer takes. */
export const written = ({ header, events, end }: RecordingParts): Uint8Array => {
  const sink = memorySink();
  const writer = openWriter(sink, header);
  for (const event of events) writer.append(event);
  if (end === undefined) writer.abandon();
  else writer.close(end);
  return sink.bytes();
};

/** As a damaged recording may be: numbered without a gap, and an end that fits the last number. */
export const renumbered = ({ header, events, end }: RecordingParts): RecordingParts => ({
  header,
  events: events.map((event, index) => ({ ...event, seq: index + 1 })),
  end: end === undefined ? undefined : { ...end, seq: events.length },
});
