/** Which rows somebody wants, in words: `inputs`, `predicted`, and the questions, each with what it is about. */
import { nearestOf } from "../../options/nearest.js";
import { OptionError } from "../../options/option-error.js";
import type { RowOfHart } from "../past/query/row.js";
import type { Query, Range } from "../past/query/index.js";
import type { Recording } from "../past/recording.js";
import type { QuestionsByKind, RowsOptions } from "../rows/index.js";
import { QUESTIONS, questionOf } from "./questions.js";

export interface RowChoice {
  readonly events: NonNullable<RowsOptions["events"]>;
  /** What is asked beside them, by its word. */
  readonly asked: ReadonlyMap<string, string | undefined>;
}

const INPUTS = "inputs";
const PREDICTED = "predicted";
const WORDS = [INPUTS, PREDICTED, ...Object.keys(QUESTIONS)];

export const ALL_EVENTS: RowChoice = { events: true, asked: new Map() };

/**
 * `inputs,output,calls link_rx`. What follows a comma and begins with no word belongs to what is before it, as in
 * `traps ecallFromU,breakpoint`. @throws {OptionError}
 */
export function rowChoice(text: string): RowChoice {
  const words = new Map<string, string | undefined>();
  for (const part of partsOf(text)) {
    const [, word = "", of] = /^\s*(\S*)(?:\s+(.*?))?\s*$/s.exec(part) ?? [];
    if (words.has(word)) throw new OptionError(`${word} is wanted twice: say at once what of it, as with a /PATTERN/`);
    if (!isEvents(word)) requireQuestion(word, of);
    else if (of !== undefined) throw new OptionError(`${word} takes nothing more: leave ${of} out`);
    words.set(word, of);
  }
  const hasInputs = words.delete(INPUTS);
  const hasPredicted = words.delete(PREDICTED);
  const one = hasInputs ? "input" : "predicted";
  return { events: hasInputs === hasPredicted ? hasInputs : one, asked: words };
}

/** Of a recording, or of a machine that runs: see `presentOf`. @throws {OptionError} @throws {PlaceError} */
export const questionsOf = ({ asked }: RowChoice, recording: Recording, range: Range = {}): QuestionsByKind =>
  Object.fromEntries(
    [...asked].map(([word, of]) => {
      const { rows } = questionOf(word, of).ask(recording, of, range);
      return [word, rows as unknown as Query<RowOfHart>];
    }),
  );

const isEvents = (word: string): boolean => word === INPUTS || word === PREDICTED;

function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  for (const part of text.split(",")) {
    const [, word = "", more] = /^\s*(\S*)(\s.*)?$/s.exec(part) ?? [];
    const last = parts.at(-1);
    // Only what is about something goes on.
    if (last !== undefined && last.includes(" ") && more === undefined && !WORDS.includes(word))
      parts[parts.length - 1] = `${last},${part}`;
    else parts.push(part);
  }
  return parts;
}

function requireQuestion(word: string, of: string | undefined): void {
  if (!WORDS.includes(word)) {
    const near = nearestOf(word, WORDS);
    const meant = near === undefined ? `there are ${WORDS.join(", ")}` : `is ${near} meant?`;
    throw new OptionError(`there are no rows ${JSON.stringify(word)}; ${meant}`, { value: word });
  }
  questionOf(word, of);
}
