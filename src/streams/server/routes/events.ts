/** A recording's rows as a stream: its events, and on request what questions find, in order. */
import { askedOf, askedRows, OF_WORDS } from "../asked-rows.js";
import { cursorGiven, numbered } from "../cursor.js";
import { atOriginalPace } from "../pace.js";
import { placeGiven, placeParameter, recordingOf } from "../places.js";
import type { Route } from "../route.js";
import { answerWithRows, type RowSource } from "../row-source.js";
import { ROW } from "../schemas.js";
import { END_ID, EVENT_STREAM, lastIdOf, NDJSON, sendRows } from "../send-rows.js";

const PACES = ["instant", "original"] as const;

export const eventRows: RowSource = {
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
  replays: (given) => askedOf(given.all("of")).asked.size > 0,
  rows: async ({ recording, given, lastId, signal, watch }) => {
    const asked = askedOf(given.all("of"));
    const pace = given.word("pace", PACES, "instant");
    const after = cursorGiven(lastId);
    const range = {
      from: await placeGiven(given, "from", recording),
      until: await placeGiven(given, "to", recording),
      after,
    };
    const rows = numbered(askedRows(recording, asked, range, watch.watched), after);
    return pace === "original" ? atOriginalPace(rows, signal) : rows;
  },
};

export const events: Route = {
  path: "/recordings/{name}/events",
  summary:
    "Its rows in order: Server-Sent Events with Accept: text/event-stream, which go on exactly behind Last-Event-ID, " +
    "and NDJSON otherwise. A reader that is slow is waited for.",
  parameters: eventRows.parameters,
  answers: { [EVENT_STREAM]: { type: "string" }, [NDJSON]: ROW },
  statuses: { 204: "the reader has all: an EventSource then stays away" },
  serve: async (call) => {
    const { given, signal } = call;
    const recording = recordingOf(call);
    const lastId = lastIdOf(call);
    if (lastId === END_ID) {
      call.response.writeHead(204).end();
      return;
    }
    await answerWithRows(eventRows, { recording, given, lastId, signal }, call.served, (rows) => sendRows(call, rows));
  },
};
