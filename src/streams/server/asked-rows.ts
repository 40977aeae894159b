/** The rows that a request asks for with `of`: words for events, and questions. */
import { nearestOf } from "../../options/nearest.js";
import type { Query } from "../past/query/index.js";
import type { RowOfHart } from "../past/query/row.js";
import type { Recording } from "../past/recording.js";
import type { Until } from "../past/until.js";
import { rows, type StreamRow } from "../rows/index.js";
import { QUESTIONS, questionOf } from "../session/questions.js";
import { isEvent, type Cursor } from "./cursor.js";
import { wrong } from "./parameters.js";

/** What is asked for in one stream. */
export interface AskedOf {
  readonly inputs: boolean;
  readonly predicted: boolean;
  /** By the question's word, what it is about. */
  readonly questions: ReadonlyMap<string, string | undefined>;
}

/** Questions in one stream: each replays on a machine of its own. */
export const MAX_QUESTIONS_A_STREAM = 4;

const EVENTS: readonly string[] = ["inputs", "predicted"];
const WORDS: readonly string[] = [...EVENTS, ...Object.keys(QUESTIONS)];
/** A comma before a word begins with that; any other belongs to what a question is about. */
const BETWEEN = new RegExp(`,(?=(?:${WORDS.join("|")})(?:[ ,]|$))`);

export const OF_WORDS =
  "what the rows are, with commas between: inputs, predicted (both: the events), and questions with what they are " +
  "about behind a space, as calls link_read";

/** All events where nothing is given. @throws {Refusal} */
export function askedOf(given: readonly string[]): AskedOf {
  const items = given.flatMap((text) => text.split(BETWEEN));
  if (items.length === 0) return { inputs: true, predicted: true, questions: new Map() };
  const questions = new Map<string, string | undefined>();
  const events = new Set<string>();
  for (const item of items) {
    const [word = "", ...about] = item.split(" ");
    if (!WORDS.includes(word)) throw wrong("of", unknown(word));
    if (EVENTS.includes(word)) {
      if (about.length > 0) throw wrong("of", `${word} takes nothing: leave out ${about.join(" ")}`);
      events.add(word);
      continue;
    }
    const of = about.length === 0 ? undefined : about.join(" ");
    questionOf(word, of);
    if (questions.has(word)) throw wrong("of", `${word} is there twice; ask for a /PATTERN/, or in two streams`);
    questions.set(word, of);
  }
  if (questions.size > MAX_QUESTIONS_A_STREAM)
    throw wrong(
      "of",
      `${String(questions.size)} questions; at most ${String(MAX_QUESTIONS_A_STREAM)} are in one stream`,
    );
  return { inputs: events.has("inputs"), predicted: events.has("predicted"), questions };
}

function unknown(word: string): string {
  const near = nearestOf(word, WORDS);
  return `there are no rows ${JSON.stringify(word)}; ${near === undefined ? `there are ${WORDS.join(", ")}` : `is ${near} meant?`}`;
}

export interface RowRange {
  readonly from: Until | undefined;
  readonly until: Until | undefined;
  /** The last one that the reader has. */
  readonly after?: Cursor | undefined;
}

/** What their rows say depends on what came before: a line on its beginning, a change on the last value. */
const REMEMBERING: ReadonlySet<string> = new Set(["output", "changes"]);

/** `watched`: called with each question, so that it can be ended. */
export function askedRows(
  recording: Recording,
  { inputs, predicted, questions }: AskedOf,
  range: RowRange,
  watched: (query: Query<RowOfHart>) => Query<RowOfHart>,
): AsyncIterable<StreamRow> {
  const { until, after } = range;
  const asked = [...questions].map(([word, of]) => {
    const from = REMEMBERING.has(word) ? range.from : beginning(range);
    const { rows: query } = questionOf(word, of).ask(recording, of, { from, until });
    return [word, watched(query as unknown as Query<RowOfHart>)] as const;
  });
  const found = rows(recording, {
    events: inputs || predicted,
    fromSeq: Math.max(firstSeqOf(range), after === undefined ? 0 : after.seq + 1),
    questions: Object.fromEntries(asked),
  });
  return within(found, range, (kind) => (kind === "input" ? inputs : kind === "predicted" ? predicted : true));
}

/** No later than the row behind the last one. */
const beginning = ({ from, after }: RowRange): Until | undefined =>
  after === undefined
    ? from
    : after.found === undefined
      ? { seq: after.seq }
      : { seq: after.seq, icount: after.found.icount };

const firstSeqOf = ({ from }: RowRange): number =>
  typeof from === "object" && from.seq !== undefined ? from.seq + 1 : 1;

/** A question keeps to its range by itself, and behind an event that is beyond it nothing of it comes. */
async function* within(
  found: AsyncIterable<StreamRow>,
  { from, until }: RowRange,
  isWanted: (kind: string) => boolean,
): AsyncGenerator<StreamRow, void> {
  for await (const row of found) {
    if (!isEvent(row)) yield row;
    else if (until !== undefined && !isUpTo(row, until)) return;
    else if (isWanted(row.kind) && (from === undefined || !isUpTo(row, from))) yield row;
  }
}

/** Whether an event has happened at a place. */
const isUpTo = ({ seq, icount }: StreamRow, place: Until): boolean => {
  if (typeof place === "number") return icount < place;
  return place.seq === undefined ? icount < (place.icount ?? 0) : seq <= place.seq;
};
