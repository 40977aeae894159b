/** Where two recordings part. */
import type { PlainPosition } from "../../src/reducers/position.js";
import { diff } from "../../src/streams/past/diff/index.js";
import type { DiffAnswer, PagePosition } from "../protocol.js";
import type { Opened } from "./opened.js";

/** Both are replayed up to there, a stretch at a time: tells up to where they were compared. */
export function* parted(a: Opened, b: Opened): Generator<PlainPosition, DiffAnswer> {
  const found = diff(a.recording, b.recording);
  yield* found.stepsToParting();
  const { event, parting } = found;
  return {
    isSame: found.isSame,
    text: found.text.split("\n"),
    event: event === undefined ? null : { a: placeOf(event.a), b: placeOf(event.b) },
    parting:
      parting === undefined
        ? null
        : {
            a: placeOf(a.events.before(parting.icount)) ?? a.start,
            b: placeOf(b.events.before(parting.icount)) ?? b.start,
          },
  };
}

const placeOf = (position: PagePosition | undefined): PagePosition | null =>
  position === undefined ? null : { seq: position.seq, icount: position.icount };
