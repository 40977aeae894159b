/** The rows that a request asks for with `of`: words for events, and questions. */
import { icountOf } from "../past/query/asked.js";
import type { Query } from "../past/query/index.js";
import type { RowOfHart } from "../past/query/row.js";
import type { Recording } from "../past/recording.js";
import type { Until } from "../past/until.js";
import { isEventRow, rows, type QuestionsByKind, type StreamRow } from "../rows/index.js";
import { questionOf } from "../session/questions.js";
import { ALL_EVENTS, rowChoice, type RowChoice } from "../session/row-choice.js";
import type { Cursor } from "./cursor.js";
import { wrong } from "./parameters.js";
import type { Watch } from "./watch.js";

/** Questions in one stream: each replays on a machine of its own. */
export const MAX_QUESTIONS_A_STREAM = 4;

export const OF_WORDS =
  "what the rows are, with commas between: inputs, predicted (both: the events), and questions with what they are " +
  "about behind a space, as calls link_read";

/** All events where nothing is given. @throws {OptionError} @throws {Refusal} */
export function askedOf(given: readonly string[]): RowChoice {
  if (given.length === 0) return ALL_EVENTS;
  const choice = rowChoice(given.join(","));
  const { size } = choice.asked;
  if (size > MAX_QUESTIONS_A_STREAM)
    throw wrong("of", `${String(size)} questions; at most ${String(MAX_QUESTIONS_A_STREAM)} are in one stream`);
  return choice;
}

export interface RowRange {
  readonly from: Until | undefined;
  readonly until: Until | undefined;
  /** The last one that the reader has. */
  readonly after?: Cursor | undefined;
}

/** Each with what ends it. @throws {OptionError} @throws {PlaceError} @throws {PositionError} */
export function askedQuestions(
  recording: Recording,
  { asked }: RowChoice,
  range: RowRange,
  { watched }: Pick<Watch, "watched">,
): QuestionsByKind {
  const queries = [...asked].map(([word, of]) => {
    const question = questionOf(word, of);
    const from = question.remembers === true ? range.from : beginning(recording, range);
    const { rows: query } = question.ask(recording, of, { from, until: range.until });
    return [word, watched(query as unknown as Query<RowOfHart>)] as const;
  });
  return Object.fromEntries(queries);
}

/** The events that are chosen, and what the questions find. */
export function askedRows(
  recording: Recording,
  { events }: Pick<RowChoice, "events">,
  range: RowRange,
  questions: QuestionsByKind,
): AsyncIterable<StreamRow> {
  const { after } = range;
  const fromSeq = Math.max(firstSeqOf(range), after === undefined ? 0 : after.seq + 1);
  return within(rows(recording, { events, fromSeq, questions }), range);
}

/** Before all that is at the instant of the reader's last row: which of several it was is counted anew. */
export function beginning({ log }: Recording, { from, after }: Omit<RowRange, "until">): Until | undefined {
  if (after === undefined) return from;
  const near = after.found?.icount ?? icountOf(log, { seq: after.seq });
  return near > icountOf(log, from ?? log.start) ? near : from;
}

const firstSeqOf = ({ from }: RowRange): number =>
  typeof from === "object" && from.seq !== undefined ? from.seq + 1 : 1;

/** A question keeps to its range by itself, and behind an event that is beyond it nothing of it comes. */
async function* within(found: AsyncIterable<StreamRow>, { from, until }: RowRange): AsyncGenerator<StreamRow, void> {
  for await (const row of found) {
    if (!isEventRow(row)) yield row;
    else if (until !== undefined && !isUpTo(row, until)) return;
    else if (from === undefined || !isUpTo(row, from)) yield row;
  }
}

/** Whether an event has happened at a place. */
const isUpTo = ({ seq, icount }: StreamRow, place: Until): boolean => {
  if (typeof place === "number") return icount < place;
  return place.seq === undefined ? icount < (place.icount ?? 0) : seq <= place.seq;
};
