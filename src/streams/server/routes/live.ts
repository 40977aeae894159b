/** A machine that runs: where it is, and what happens. */
import { goingOn } from "../../past/query/going-on.js";
import { sendJson } from "../answer.js";
import { askedOf, askedQuestions, askedRows, OF_WORDS } from "../asked-rows.js";
import { cursorGiven, requireThere, type NumberedRow } from "../cursor.js";
import { followed } from "../live/followed.js";
import type { LiveMachine } from "../live/live-machine.js";
import type { Parameters } from "../parameters.js";
import { Refusal } from "../refusal.js";
import type { Call, Route, Served } from "../route.js";
import { ROW, STATUS } from "../schemas.js";
import { EVENT_STREAM, NDJSON, sendBehind, sendRows } from "../send-rows.js";
import type { Watch } from "../watch.js";

export const LIVE_PARAMETERS: Parameters = {
  of: { description: OF_WORDS, schema: { type: "string" }, isRepeatable: true },
  after: {
    description: "the id of the last row that is there: what came behind it is read from the recording first",
    schema: { type: "string" },
  },
  wait: {
    description: "1: the machine stands still while its reader is behind; else the reader misses rows, and is told",
    schema: { enum: ["0", "1"], default: "0" },
  },
};

/** @throws {Refusal} */
export const liveOf = ({ live }: Pick<Served, "live">): LiveMachine => {
  if (live !== undefined) return live;
  throw new Refusal(404, "NOT_LIVE", "no machine runs here: foldvm serve --live begins one");
};

type LiveAsked = Pick<Call, "served" | "given" | "signal">;

export const live: Route = {
  path: "/live",
  summary: "The machine that runs: where it is now, and the name of its recording.",
  parameters: {},
  answers: { "application/json": STATUS },
  serve: (call) => {
    sendJson(call, liveOf(call.served).status);
  },
};

export const liveEvents: Route = {
  path: "/live/events",
  summary:
    "What happens, as it happens: from now on, or behind Last-Event-ID. The machine waits for nobody: a reader that is " +
    'behind misses rows, and a row {"kind":"gap","lost":N} says how many.',
  parameters: LIVE_PARAMETERS,
  answers: { [EVENT_STREAM]: { type: "string" }, [NDJSON]: ROW },
  statuses: { 204: "the machine has ended, and the reader has all" },
  serve: (call) => sendBehind(call, (lastId) => sendRows(call, liveRows(call, lastId))),
};

/** @throws {Refusal} @throws {OptionError} @throws {PlaceError} */
export function liveRows({ served, given, signal }: LiveAsked, lastId: string | undefined): AsyncIterable<NumberedRow> {
  const machine = liveOf(served);
  const asked = askedOf(given.all("of"));
  const after = cursorGiven(lastId, machine.run);
  requireThere(machine.position, after);
  const live = machine.rows(asked, given.flag("wait") ? "pause" : "gap", signal);
  return followed({
    live,
    now: () => machine.position,
    run: machine.run,
    after,
    isMixed: asked.asked.size > 1,
    past: (behind) => {
      const range = { from: undefined, until: undefined, after: behind };
      // Until now, and not until it is its turn: what comes later is live.
      const recording = machine.past(signal);
      const watch = served.watch(signal);
      const watched: Watch["watched"] = machine.isOver ? watch.watched : (query) => goingOn(watch.watched(query));
      const rows = askedRows(recording, asked, range, askedQuestions(recording, asked, range, { watched }));
      return asked.asked.size > 0 ? served.slots.inTurn(rows, watch) : rows;
    },
    signal,
  });
}
