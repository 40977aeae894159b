/** `foldvm query`: a question about the past of a recording, answered row by row. */
import { jsonRow } from "../../streams/past/query/ndjson.js";
import type { Query } from "../../streams/past/query/index.js";
import { drawnTimeline, Marks } from "../../streams/past/pictures/index.js";
import { answered, explained, type AnswerOptions } from "../../streams/session/answered.js";
import { QUESTIONS, questionOf, WITH_RESULTS, type WordedQuestion } from "../../streams/session/questions.js";
import { shown, type QuestionRow } from "../../streams/session/row-text.js";
import { writeComingPieces } from "../../streams/host/pieces-file.js";
import { requireFree } from "../../streams/host/whole-file.js";
import { workers } from "../../streams/session/query-pool/workers.js";
import type { Stdio } from "../../streams/host/stdio.js";
import { writeComing } from "../../streams/host/write-all.js";
import { command } from "../command.js";
import { jobsOf } from "../jobs-argument.js";
import { EXIT } from "../exit-codes.js";
import { bytes, count, counted } from "../figures.js";
import { NAMED_RECORDING_OPTIONS, namedRecordingOptions } from "../machine-arguments.js";
import { sayWhyNone } from "../no-rows.js";
import { writePicture } from "../picture.js";
import { readAll, UsageError } from "../problems.js";
import { openOperand } from "../recording-operand.js";
import { ProgressLine, stoppable } from "../stoppable.js";
import { STANDARD_STREAM } from "../standard-stream.js";
import { sayWhereCut } from "../truncation.js";
import { integer, placeOption } from "../values.js";

type Row = QuestionRow;

const OPTIONS = {
  first: { help: "the first row only" },
  last: { help: "the last row only, found from the end" },
  limit: { value: "N", help: "at most so many rows" },
  from: { value: "WHERE", help: "where to begin: an instruction count, /TEXT/, ... (start)" },
  until: { value: "WHERE", help: "where to stop (end)" },
  jobs: { value: "N", help: "threads that answer parts of it at the same time (1)" },
  results: { help: "calls, syscalls, traps: each with what came of it, and when" },
  explain: { help: "what it would cost, instead of the answer" },
  parquet: { value: "FILE", file: "written", help: "the rows as a Parquet file; it must not exist yet" },
  svg: { value: "FILE", file: "written", help: "the rows as marks on an axis of time; it must not exist yet" },
  force: { short: "f", help: "overwrite it" },
  quiet: { short: "q", help: "no progress" },
  json: { help: "each row as a JSON object on its line; 64-bit values are decimal strings" },
  ...NAMED_RECORDING_OPTIONS,
} as const;

/** A pattern may have spaces in it: `/Linux version/`, which a shell takes for two words. */
const MAX_WORDS = 16;

export const query = command({
  name: "query",
  operand: "FILE",
  more: { words: "QUESTION [OF]", most: MAX_WORDS },
  summary: "Asks a recording: who wrote this, when was that called, what was printed.",
  options: OPTIONS,
  notes:
    Object.entries(QUESTIONS)
      .map(([word, { of, rows }]) => `${word}${of.words === "" ? "" : ` ${of.words}`}: ${rows}\n`)
      .join("") +
    "A PLACE is a symbol or an address, with +OFFSET and :WIDTH in bytes. Exit code 1: there is no such row.\n" +
    "Example: foldvm query b.fold writes 0x80002ed8:4 --last\n",
  read(args) {
    const [, word, ...words] = args.operands;
    const of = words.length === 0 ? undefined : words.join(" ");
    const read = readAll({
      asked: () => questionOf(word, of),
      limit: () => (args.has("limit") ? integer("--limit", args.get("limit") ?? "") : Infinity),
      from: () => placeOption("--from", args.get("from")),
      until: () => placeOption("--until", args.get("until")),
      jobs: () => {
        if (args.has("jobs") && word !== undefined && QUESTIONS[word]?.isOfOneThread === true)
          throw new UsageError(`--jobs: one thread answers ${word}`);
        return jobsOf(args.get("jobs"));
      },
      results: () => {
        if (args.has("results") && word !== undefined && QUESTIONS[word]?.hasResults !== true)
          throw new UsageError(`--results: ${word} has none; ${WITH_RESULTS} have`);
      },
      one: () => {
        if (args.has("first") && args.has("last")) throw new UsageError("--first and --last: one at a time");
        const forms = (["json", "parquet", "svg"] as const).filter((form) => args.has(form)).map((form) => `--${form}`);
        if (forms.length > 1) throw new UsageError(`${forms.join(" and ")}: one at a time`);
        for (const form of ["parquet", "svg"] as const)
          if (args.get(form) === STANDARD_STREAM)
            throw new UsageError(`--${form} -: it goes to no pipe; name a file, such as rows.${form}`);
      },
    });
    const [parquet, svg] = [args.get("parquet"), args.get("svg")];
    return (stdio) =>
      stoppable(stdio, async ({ signal, codeOf }) => {
        for (const path of [parquet, svg]) if (path !== undefined) requireFree(path, args.has("force"));
        const recording = await openOperand(args, stdio, namedRecordingOptions(args));
        sayWhereCut(recording, stdio);
        const line = new ProgressLine(stdio, args.has("quiet"));
        const range = { from: read.from(recording), until: read.until(recording) };
        const results = args.has("results") ? { results: true } : {};
        const { rows, textOf } = read.asked.ask(recording, of, { ...range, ...results });
        const asked = rows.withProgress(({ icount }) => {
          line.showNowAndThen(() => `at ${count(icount)} of ${counted(recording.info.instructions, "instruction")}`);
        });
        const which = args.has("first") ? "first" : args.has("last") ? "last" : "all";
        const pool = read.jobs > 1 && which === "all" ? workers(read.jobs) : undefined;
        try {
          if (args.has("explain")) return codeOf(await explain(asked, which, { stdio, line, signal }));
          const found = answered(asked, { which, limit: read.limit, pool, signal });
          const [output, overwrite] = [{ stdio, line, signal }, args.has("force")];
          if (parquet !== undefined)
            return codeOf(await writtenAsParquet(found, read.asked, output, { path: parquet, overwrite }));
          if (svg !== undefined) {
            const title = [word, of].filter((part) => part !== undefined).join(" ");
            return codeOf(await drawn(found, title, output, { path: svg, overwrite }));
          }
          const print = args.has("json") ? jsonRow : textOf;
          if ((await printed(found, print, output)) > 0) return codeOf(EXIT.done);
          if (!signal.aborted) sayWhyNone(word, recording, stdio);
          return codeOf(EXIT.textFailed);
        } finally {
          line.clear();
          pool?.close();
        }
      });
  },
});

interface Shown {
  readonly stdio: Stdio;
  readonly line: ProgressLine;
}

/** Answers how many there were. Ends with the reader, as `head` does. */
async function printed(
  found: AsyncIterable<Row>,
  lineOf: (row: Row) => string,
  { stdio, line }: Shown,
): Promise<number> {
  let rowCount = 0;
  await writeComing(stdio.stdout, found, (row) => {
    rowCount += 1;
    line.clear();
    return `${lineOf(row)}\n`;
  });
  return rowCount;
}

interface Written {
  readonly path: string;
  readonly overwrite: boolean;
}

async function writtenAsParquet(
  found: AsyncIterable<Row>,
  { columns }: WordedQuestion,
  { stdio, line, signal }: Shown & { readonly signal: AbortSignal },
  { path, overwrite }: Written,
): Promise<number> {
  // No other command needs it.
  const { toParquet } = await import("../../streams/tables/index.js");
  let rowCount = 0;
  async function* counting(): AsyncGenerator<Row> {
    for await (const row of found) {
      rowCount += 1;
      yield row;
    }
  }
  const pieces = toParquet(counting(), { columns });
  const byteLength = await writeComingPieces(path, pieces, overwrite, () => signal.aborted);
  line.clear();
  if (byteLength !== undefined)
    stdio.stderr.write(`foldvm: ${counted(rowCount, "row")}: ${path}, ${bytes(byteLength)}\n`);
  return rowCount > 0 ? EXIT.done : EXIT.textFailed;
}

/** One lane, with what tells its rows apart. A signal ends it: then there is no picture. */
async function drawn(
  found: AsyncIterable<Row>,
  title: string,
  { stdio, line, signal }: Shown & { readonly signal: AbortSignal },
  { path, overwrite }: Written,
): Promise<number> {
  const marks = new Marks();
  for await (const row of found) marks.add({ ns: row.ns, label: labelOf(row) });
  line.clear();
  if (signal.aborted) return EXIT.done;
  const byteLength = writePicture(path, drawnTimeline([{ title, marks }], { title }), overwrite);
  stdio.stderr.write(`foldvm: ${counted(marks.count, "row")}: ${path}, ${bytes(byteLength)}\n`);
  return marks.count > 0 ? EXIT.done : EXIT.textFailed;
}

/** What was printed, what happened, or who did it, and the value that is there since. */
function labelOf({ text, cause, csr, value, function: name, pc }: Row): string {
  const what = [text, cause, csr, name, pc].find((part) => part !== undefined && part !== "") ?? "";
  return [what, value]
    .flatMap((part) => (part === undefined ? [] : [typeof part === "string" ? part : shown(part)]))
    .join(" ");
}

/** What `--last` has to run shows only while it goes back: then the least and the most of it are told. */
async function explain(
  asked: Query<Row>,
  which: AnswerOptions["which"],
  { stdio, line, signal }: Shown & { readonly signal: AbortSignal },
): Promise<number> {
  const explanation = await explained(asked, signal);
  line.clear();
  if (explanation === undefined) return EXIT.done;
  const { segments, skipped, instructions, lastInstructions, estimatedMs } = explanation;
  const secondsOf = (insns: number): string =>
    `about ${(instructions === 0 ? 0 : (estimatedMs * insns) / instructions / 1000).toFixed(1)} s`;
  const ruledOut = `${counted(segments, "segment")}, of which ${count(skipped)} are ruled out`;
  const all = `${counted(instructions, "instruction")} to run, ${secondsOf(instructions)}`;
  const fromEnd =
    `from the end: ${counted(lastInstructions, "instruction")} to run, ${secondsOf(lastInstructions)}, ` +
    `if the row is among them; at most ${count(instructions)}, ${secondsOf(instructions)}`;
  const costs =
    which === "first" ? `at most ${all}` : which === "last" && lastInstructions < instructions ? fromEnd : all;
  stdio.stdout.write(`${ruledOut}; ${costs}\n`);
  return EXIT.done;
}
