/** A question about a recording, row by row. */
import { answered } from "../../session/answered.js";
import { QUESTIONS, questionOf, WITH_RESULTS } from "../../session/questions.js";
import type { RowOfHart } from "../../past/query/row.js";
import { requireAnswerable } from "../answerable.js";
import { beginning } from "../asked-rows.js";
import { numbered } from "../cursor.js";
import { wrong } from "../parameters.js";
import { placeGiven, placeParameter } from "../places.js";
import type { Route } from "../route.js";
import { AFTER, HAS_ALL, serveRows, type RowSource } from "../row-source.js";
import { ROW } from "../schemas.js";
import { EVENT_STREAM, NDJSON } from "../send-rows.js";

const WHICH = ["all", "first", "last"] as const;

export const queryRows: RowSource = {
  parameters: {
    question: {
      description: Object.entries(QUESTIONS)
        .map(([word, { rows }]) => `${word}: ${rows}`)
        .join("; "),
      schema: { enum: Object.keys(QUESTIONS) },
      isNeeded: true,
    },
    of: { description: "what it is about: a place, a function, causes, a text", schema: { type: "string" } },
    from: placeParameter("where to begin (start)"),
    to: placeParameter("where to stop (end)"),
    which: { description: "all rows, or one; the last is found from the end", schema: { enum: WHICH, default: "all" } },
    limit: { description: "rows at most", schema: { type: "integer", minimum: 1 } },
    results: {
      description: `1: with what came of each, of ${WITH_RESULTS}`,
      schema: { enum: ["0", "1"], default: "0" },
    },
    after: AFTER,
  },
  replays: () => true,
  rows: async ({ recording, given, after, signal, watch }) => {
    const [word, of] = [given.text("question") ?? "", given.text("of")];
    const question = questionOf(word, of);
    const which = given.word("which", WHICH, "all");
    const limit = given.whole("limit", Infinity, { least: 1, most: Number.MAX_SAFE_INTEGER });
    const results = given.flag("results");
    if (results && question.hasResults !== true) throw wrong("results", `${word} has none; ${WITH_RESULTS} have`);
    const range = {
      from: await placeGiven(given, "from", recording, watch),
      until: await placeGiven(given, "to", recording, watch),
    };
    // Which of several rows it is, or what came of one, shows only from the beginning on.
    const isOfEach = which === "all" && limit === Infinity && !results && question.remembers !== true;
    const from = isOfEach ? beginning(recording, { ...range, after }) : range.from;
    const { rows } = question.ask(recording, of, { ...range, from, ...(results ? { results } : {}) });
    const asked = rows.withProgress(watch.check);
    await requireAnswerable([asked], watch);
    const found = answered(asked, { which, limit, pool: undefined, signal }) as AsyncIterable<RowOfHart>;
    return numbered(ofKind(word, found), after);
  },
};

export const query: Route = {
  path: "/recordings/{name}/query",
  summary: "The rows that answer a question, as they are found.",
  parameters: queryRows.parameters,
  answers: { [NDJSON]: ROW, [EVENT_STREAM]: { type: "string" } },
  statuses: { 204: HAS_ALL },
  serve: (call) => serveRows(queryRows, call),
};

async function* ofKind(kind: string, rows: AsyncIterable<RowOfHart>) {
  for await (const row of rows) yield { kind, ...row };
}
