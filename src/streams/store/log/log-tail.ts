/**
 * The events of a recording that is still being written. Each look yields the events of segments that were completed
 * since the previous one.
 */
import type { PositionedEvent } from "../../../reducers/events.js";
import type { ByteSource } from "./byte-source.js";
import { LogError } from "./log-error.js";
import { SegmentEvents } from "./segment-events.js";
import { SEGMENT_HEADER_BYTES } from "./segment.js";
import { rawOf, walkSegments, type WalkStart } from "./segment-walk.js";
import { knownFormat } from "./upcast.js";

export class LogTail {
  private at: WalkStart | undefined;
  /** Whether the recording was closed, so that no more events will come. */
  hasEnded = false;

  /** `source` is the file as it is now. Throws LogError for damage of any kind. */
  *look(source: ByteSource): Generator<PositionedEvent, void> {
    const known = this.at?.place.offset ?? 0;
    if (source.size < known) {
      const what = `it has ${String(source.size)} bytes, and had ${String(known)}: it is another file now`;
      throw new LogError("CANNOT_READ", what, source.name === undefined ? {} : { file: source.name });
    }
    for (const segment of walkSegments(source, this.at)) {
      const { header, place } = segment;
      const { offset } = place;
      this.at = {
        place: { ...place, segment: place.segment + 1, offset: offset + SEGMENT_HEADER_BYTES + header.storedSize },
        previous: header,
      };
      this.hasEnded ||= header.kind === "end";
      if (header.kind !== "events") continue;
      const events = new SegmentEvents(rawOf(segment), header, knownFormat(header.version), place);
      for (let next = events.next(); next !== undefined; next = events.next()) yield next;
    }
  }
}
