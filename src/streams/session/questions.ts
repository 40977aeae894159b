/** The questions that a person or a program can ask by their words: one table, for the command line and for tools. */
import { nearestOf, orList } from "../../options/nearest.js";
import { OptionError } from "../../options/option-error.js";
import { COLUMNS, type Columns } from "../past/query/columns.js";
import {
  calls,
  csrs,
  devices,
  output,
  printed,
  reads,
  signals,
  switches,
  syscalls,
  traps,
  visits,
  writes,
  type AskedOptions,
  type Query,
} from "../past/query/index.js";
import type { Recording } from "../past/recording.js";
import { patternOf } from "./pattern-words.js";
import { placeHistory } from "./place-history.js";
import { rowText, type QuestionRow } from "./row-text.js";

/** `results` are for questions that have them. */
export interface QuestionOptions extends AskedOptions {
  readonly results?: boolean | undefined;
}

export interface WordedQuestion {
  /** What its rows are. */
  readonly rows: string;
  /** How what it is about is written, and what that is. */
  readonly of: { readonly words: string; readonly means: string; readonly isNeeded: boolean };
  /** What a row has. */
  readonly columns: Columns;
  /** Its rows can have what came of them: `results`. */
  readonly hasResults?: true;
  /**
   * What a row says depends on what came before it: a line on its beginning, a value on the last one. Whoever goes on
   * behind a row has it answered from the beginning again.
   */
  readonly remembers?: true;
  /** Once it is answered, and no row was found: why there can be none. Undefined: there could have been. */
  whyNone?(recording: Recording): string | undefined;
  /** It has a function in it, so that one thread answers it. */
  readonly isOfOneThread?: true;
  /** @throws {OptionError} @throws {PlaceError} */
  ask(recording: Recording, of: string | undefined, options: QuestionOptions): Asked;
}

export interface Asked {
  readonly rows: Query<QuestionRow>;
  /** One on a line, for people. */
  readonly textOf: (row: QuestionRow) => string;
}

const PLACE = { words: "PLACE", means: "a symbol or an address, with +OFFSET and :WIDTH in bytes", isNeeded: true };
const VALUE = {
  words: "PLACE [at INSTRUCTION]",
  means: "a variable, as link.count or buf[3], or an address; with ` at ` and a place of code, as it is there",
  isNeeded: true,
};
const FUNCTION = { words: "NAME or /PATTERN/", means: "a function's name, or a /PATTERN/ of names", isNeeded: true };
const CAUSES = { words: "[NAME,...]", means: "causes such as ecallFromU; all where it is left out", isNeeded: false };
const CSRS = { words: "[NAME,...]", means: "CSRs such as satp; all where it is left out", isNeeded: false };
const DEVICES = {
  words: "[NAME or ADDRESS:BYTES,...]",
  means: "devices such as uart16550, or physical addresses; all where it is left out",
  isNeeded: false,
};
const TEXT = {
  words: "[TEXT or /PATTERN/]",
  means: "what a line has in it, or a /PATTERN/; all lines where it is left out",
  isNeeded: false,
};
/** It takes nothing. */
const NOTHING = { words: "", means: "nothing: leave it out", isNeeded: false };
const PORT = { words: "[PORT]", means: "a console such as uart16550; all where it is left out", isNeeded: false };

/** A question: its word, and this. */
export const QUESTIONS: Readonly<Record<string, WordedQuestion>> = {
  writes: {
    rows: "stores to memory, by harts and devices",
    of: PLACE,
    columns: COLUMNS.writes,
    ask: (recording, of = "", options) => asked(writes(recording, { of, ...options })),
  },
  reads: {
    rows: "loads from memory, by harts and devices",
    of: PLACE,
    columns: COLUMNS.reads,
    ask: (recording, of = "", options) => asked(reads(recording, { of, ...options })),
  },
  visits: {
    rows: "arrivals at an instruction",
    of: PLACE,
    columns: COLUMNS.visits,
    ask: (recording, of = "", options) => asked(visits(recording, { of, ...options })),
  },
  calls: {
    rows: "calls of a function, with a0 to a7 and typed parameters",
    of: FUNCTION,
    hasResults: true,
    columns: COLUMNS.calls,
    ask: (recording, of = "", options) => asked(calls(recording, { of: patternOf(of), ...options })),
  },
  traps: {
    rows: "exceptions and interrupts",
    of: CAUSES,
    hasResults: true,
    columns: COLUMNS.traps,
    ask: (recording, of, options) => asked(traps(recording, { of: namesOf(of), ...options })),
  },
  csrs: {
    rows: "writes to CSRs",
    of: CSRS,
    columns: COLUMNS.csrs,
    ask: (recording, of, options) => asked(csrs(recording, { of: namesOf(of), ...options })),
  },
  devices: {
    rows: "loads and stores of devices' registers",
    of: DEVICES,
    columns: COLUMNS.devices,
    ask: (recording, of, options) => asked(devices(recording, { of: namesOf(of), ...options })),
  },
  changes: {
    rows: "a variable's values over time, each with the one before",
    of: VALUE,
    remembers: true,
    isOfOneThread: true,
    columns: COLUMNS.changes,
    ask(recording, of = "", options) {
      const { rows, textOf } = placeHistory(recording, of, options);
      return asked(rows, textOf);
    },
  },
  output: {
    rows: "what the consoles printed, line by line",
    of: TEXT,
    remembers: true,
    columns: COLUMNS.output,
    ask: (recording, of, options) =>
      asked(output(recording, { of: of === undefined ? undefined : patternOf(of), ...options })),
  },
  switches: {
    rows: "a Linux guest's switches from task to task",
    of: NOTHING,
    columns: COLUMNS.switches,
    ask: (recording, _of, options) => asked(switches(recording, options)),
  },
  syscalls: {
    rows: "system calls of programs, with names and tasks",
    of: { words: "[NAME,...]", means: "system calls such as openat; all where it is left out", isNeeded: false },
    hasResults: true,
    columns: COLUMNS.syscalls,
    whyNone: ({ kernel }) =>
      kernel === undefined ? "no Linux kernel is in the guest, which would name calls and tasks" : undefined,
    ask: (recording, of, options) => asked(syscalls(recording, { of: namesOf(of), ...options })),
  },
  signals: {
    rows: "values of devices' lines and registers, as they change",
    of: {
      words: "[NAME or /PATTERN/]",
      means: "signals such as uart16550.LSR; all where it is left out",
      isNeeded: false,
    },
    remembers: true,
    isOfOneThread: true,
    columns: COLUMNS.signals,
    ask: (recording, of, options) =>
      asked(signals(recording, { of: of === undefined ? undefined : patternOf(of), ...options })),
  },
  printed: {
    rows: "what the consoles printed, piece by piece as it came",
    of: PORT,
    columns: COLUMNS.printed,
    ask: (recording, of, options) => asked(printed(recording, { of, ...options })),
  },
};

/** Those that have results, for a message. */
export const WITH_RESULTS = Object.keys(QUESTIONS)
  .filter((word) => QUESTIONS[word]?.hasResults)
  .join(", ");

/** The question, where `of` can be what it is about. @throws {OptionError} */
export function questionOf(word: string | undefined, of: string | undefined): WordedQuestion {
  const words = Object.keys(QUESTIONS);
  const question = word !== undefined && Object.hasOwn(QUESTIONS, word) ? QUESTIONS[word] : undefined;
  if (word === undefined) throw new OptionError(`QUESTION is missing: ${orList(words)}`);
  if (question === undefined) {
    const near = nearestOf(word, words);
    const meant = near === undefined ? `there are ${words.join(", ")}` : `is ${near} meant?`;
    throw new OptionError(`there is no question ${word}; ${meant}`, { value: word });
  }
  if (question.of.isNeeded && of === undefined)
    throw new OptionError(`${word}: of what? It takes ${question.of.means}`, { option: "of" });
  if (question.of === NOTHING && of !== undefined)
    throw new OptionError(`${word} is about all that there is: leave out ${of}`, { option: "of", value: of });
  return question;
}

const asked = (rows: unknown, textOf: Asked["textOf"] = rowText): Asked => ({
  rows: rows as Query<QuestionRow>,
  textOf,
});

/** One alone is no list, so that a message does not count it. */
function namesOf(of: string | undefined): string | readonly string[] | undefined {
  const names = of?.split(",");
  return names?.length === 1 ? names[0] : names;
}
