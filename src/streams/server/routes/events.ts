/** A recording's rows as a stream: its events, and on request what questions find, in order. */
import { checkRange } from "../../past/query/asked.js";
import { requireAnswerable } from "../answerable.js";
import { askedOf, askedQuestions, askedRows, OF_WORDS } from "../asked-rows.js";
import { cursorGiven, numbered, requireThere } from "../cursor.js";
import type { Given } from "../parameters.js";
import { atOriginalPace } from "../pace.js";
import { arePlacesSought, placeGiven, placeParameter, recordingOf } from "../places.js";
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
  replays: (given) => askedOf(given.all("of")).asked.size > 0 || arePlacesSought(given, ["from", "to"]),
  rows: async ({ recording, given, lastId, watch }) => {
    const asked = askedOf(given.all("of"));
    paceOf(given);
    const after = cursorGiven(lastId);
    const range = {
      from: await placeGiven(given, "from", recording, watch),
      until: await placeGiven(given, "to", recording, watch),
      after,
    };
    checkRange("events", recording, range);
    requireThere(recording, after);
    const questions = askedQuestions(recording, asked, range, watch);
    await requireAnswerable(Object.values(questions), watch);
    return numbered(askedRows(recording, asked, range, questions), after);
  },
  paced: (rows, { given, signal }) => (paceOf(given) === "original" ? atOriginalPace(rows, signal) : rows),
};

const paceOf = (given: Given): (typeof PACES)[number] => given.word("pace", PACES, "instant");

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
