/** A recording's rows as a stream: its events, and on request what questions find, in order. */
import { askedOf, askedRows, OF_WORDS } from "../asked-rows.js";
import { cursorOf, numbered, type Cursor } from "../cursor.js";
import { atOriginalPace } from "../pace.js";
import { wrong } from "../parameters.js";
import { placeGiven, placeParameter, recordingOf, replaying } from "../places.js";
import type { Route } from "../route.js";
import { END_ID, EVENT_STREAM, lastIdOf, NDJSON, sendRows } from "../send-rows.js";
import { ROW } from "../schemas.js";
import type { Watch } from "../watch.js";

const PACES = ["instant", "original"] as const;

export const events: Route = {
  path: "/recordings/{name}/events",
  summary:
    "Its rows in order: Server-Sent Events with Accept: text/event-stream, which go on exactly behind Last-Event-ID, " +
    "and NDJSON otherwise. A reader that is slow is waited for.",
  parameters: {
    of: { description: OF_WORDS, schema: { type: "string" }, isRepeatable: true },
    from: placeParameter("where to begin (start)"),
    to: placeParameter("where to stop (end)"),
    pace: {
      description: "instant: as fast as they are read; original: as they happened, by the guest's clock",
      schema: { enum: PACES, default: "instant" },
    },
    after: {
      description: "the id of the last row that is there, in place of Last-Event-ID",
      schema: { type: "string" },
    },
  },
  answers: { [EVENT_STREAM]: { type: "string" }, [NDJSON]: ROW },
  statuses: { 204: "the reader has all: an EventSource then stays away" },
  serve: async (call) => {
    const { given, response, served, signal } = call;
    const recording = recordingOf(call);
    const asked = askedOf(given.all("of"));
    const pace = given.word("pace", PACES, "instant");
    const lastId = lastIdOf(call);
    if (lastId === END_ID) {
      response.writeHead(204).end();
      return;
    }
    const after = afterOf(lastId);
    const send = async (watch: Watch): Promise<void> => {
      const range = {
        from: await placeGiven(call, "from", recording),
        until: await placeGiven(call, "to", recording),
        after,
      };
      const rows = numbered(askedRows(recording, asked, range, watch.watched), after);
      await sendRows(call, pace === "original" ? atOriginalPace(rows, signal) : rows);
    };
    // Events alone are read, and replay nothing.
    await (asked.questions.size === 0 ? send(served.watch(signal)) : replaying(call, send));
  },
};

/** @throws {Refusal} */
function afterOf(lastId: string | undefined): Cursor | undefined {
  if (lastId === undefined) return undefined;
  const cursor = cursorOf(lastId);
  if (cursor === undefined)
    throw wrong("Last-Event-ID", `${JSON.stringify(lastId)} is no id of a row: SEQ, or SEQ@ICOUNT+N`);
  return cursor;
}
