/** A recording's rows as a stream: its events, and on request what questions find, in order. */
import { checkRange } from "../../past/query/asked.js";
import { requireAnswerable } from "../answerable.js";
import { askedOf, askedQuestions, askedRows, OF_WORDS } from "../asked-rows.js";
import { numbered } from "../cursor.js";
import type { Given } from "../parameters.js";
import { atOriginalPace } from "../pace.js";
import { arePlacesSought, placeGiven, placeParameter } from "../places.js";
import type { Route } from "../route.js";
import { AFTER, HAS_ALL, serveRows, type RowSource } from "../row-source.js";
import { ROW } from "../schemas.js";
import { EVENT_STREAM, NDJSON } from "../send-rows.js";

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
    after: AFTER,
  },
  replays: (given) => askedOf(given.all("of")).asked.size > 0 || arePlacesSought(given, ["from", "to"]),
  rows: async ({ recording, given, after, watch }) => {
    const asked = askedOf(given.all("of"));
    paceOf(given);
    const range = {
      from: await placeGiven(given, "from", recording, watch),
      until: await placeGiven(given, "to", recording, watch),
      after,
    };
    checkRange("events", recording, range);
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
  statuses: { 204: HAS_ALL },
  serve: (call) => serveRows(eventRows, call),
};
