/** `foldvm query`: a question about the past of a recording, answered row by row. */
import { jsonRow } from "../../streams/past/query/ndjson.js";
import type { Query } from "../../streams/past/query/index.js";
import { drawnTimeline, Marks } from "../../streams/past/pictures/index.js";
import { QUESTIONS, questionOf, type QuestionRow, type WordedQuestion } from "../../streams/session/questions.js";
import { rowText, shown } from "../../streams/session/row-text.js";
import { writeComingPieces } from "../../streams/host/pieces-file.js";
import { requireFree } from "../../streams/host/whole-file.js";
import { MAX_WORKERS, workers } from "../../streams/session/query-pool/workers.js";
import type { Signal, Stdio } from "../../streams/host/stdio.js";
import { writeAll } from "../../streams/host/write-all.js";
import { command } from "../command.js";
import { EXIT, SIGNAL_CODES } from "../exit-codes.js";
import { bytes, count, counted } from "../figures.js";
import { NAMED_RECORDING_OPTIONS, namedRecordingOptions } from "../machine-arguments.js";
import { writePicture } from "../picture.js";
import { readAll, UsageError } from "../problems.js";
import { openOperand } from "../recording-operand.js";
import { stoppable } from "../stoppable.js";
import { sayWhereCut } from "../truncation.js";
import { integer, placeOption } from "../values.js";

type Row = QuestionRow;

export const query = command({
  name: "query",
  operand: "FILE",
  more: { words: "QUESTION [OF]", most: 2 },
  summary: "Asks a recording: who wrote this, when was that called, what was printed.",
  options: {
    first: { help: "the first row only" },
    last: { help: "the last row only, found from the end" },
    limit: { value: "N", help: "at most so many rows" },
    from: { value: "WHERE", help: "where to begin: an instruction count, /TEXT/, ... (start)" },
    until: { value: "WHERE", help: "where to stop (end)" },
    jobs: { value: "N", help: "threads that answer parts of it at the same time (1)" },
    results: { help: "calls: each with what it returned, and when" },
    explain: { help: "what it would cost, instead of the answer" },
    parquet: { value: "FILE", file: "written", help: "the rows as a Parquet file; it must not exist yet" },
    svg: { value: "FILE", file: "written", help: "the rows as marks on an axis of time; it must not exist yet" },
    force: { short: "f", help: "overwrite it" },
    json: { help: "each row as a JSON object on its line; 64-bit values are decimal strings" },
    ...NAMED_RECORDING_OPTIONS,
  },
  notes:
    Object.entries(QUESTIONS)
      .map(([word, { of, rows }]) => `${word} ${of.words}: ${rows}\n`)
      .join("") +
    "A PLACE is a symbol or an address, with +OFFSET and :WIDTH in bytes. Exit code 1: there is no such row.\n" +
    "Example: foldvm query b.fold writes 0x80002ed8:4 --last\n",
  read(args) {
    const [, word, of] = args.operands;
    const read = readAll({
      asked: () => questionOf(word, of),
      limit: () => (args.has("limit") ? integer("--limit", args.get("limit") ?? "") : Infinity),
      from: () => placeOption("--from", args.get("from")),
      until: () => placeOption("--until", args.get("until")),
      jobs: () => jobsOf(args.get("jobs")),
      results: () => {
        if (args.has("results") && word !== undefined && QUESTIONS[word]?.hasResults !== true)
          throw new UsageError(`--results: ${word} has none; calls has`);
      },
      one: () => {
        if (args.has("first") && args.has("last")) throw new UsageError("--first and --last: one at a time");
        const forms = (["json", "parquet", "svg"] as const).filter((form) => args.has(form)).map((form) => `--${form}`);
        if (forms.length > 1) throw new UsageError(`${forms.join(" and ")}: one at a time`);
      },
    });
    const [parquet, svg] = [args.get("parquet"), args.get("svg")];
    return async (stdio) => {
      for (const path of [parquet, svg]) if (path !== undefined) requireFree(path, args.has("force"));
      const recording = await openOperand(args, stdio, namedRecordingOptions(args));
      sayWhereCut(recording, stdio);
      const range = { from: read.from(recording), until: read.until(recording) };
      const results = args.has("results") ? { results: true } : {};
      const asked = read.asked.ask(recording, of, { ...range, ...results });
      if (args.has("explain")) return explain(asked, stdio);
      const print = args.has("json") ? jsonRow : rowText;
      const only = args.has("first") ? asked.first() : args.has("last") ? asked.last() : undefined;
      const isOne = args.has("first") || args.has("last");
      const pool = read.jobs > 1 && !isOne ? workers(read.jobs) : undefined;
      const rows = pool === undefined ? asked : asked.on(pool);
      const found = isOne ? (only === undefined ? [] : [only]) : limited(rows, read.limit);
      try {
        if (parquet !== undefined)
          return await writtenAsParquet(found, read.asked, stdio, { path: parquet, overwrite: args.has("force") });
        if (svg !== undefined) {
          const title = [word, of].filter((part) => part !== undefined).join(" ");
          return await drawn(found, title, stdio, { path: svg, overwrite: args.has("force") });
        }
        return (await printed(found, print, stdio)) > 0 ? EXIT.done : EXIT.textFailed;
      } finally {
        pool?.close();
      }
    };
  },
});

/** @throws {UsageError} */
function jobsOf(given: string | undefined): number {
  if (given === undefined) return 1;
  const jobs = integer("--jobs", given);
  if (jobs >= 1 && jobs <= MAX_WORKERS) return jobs;
  throw new UsageError(`--jobs ${given}: from 1 to ${String(MAX_WORKERS)}`);
}

async function* limited(asked: AsyncIterable<Row>, limit: number): AsyncGenerator<Row> {
  if (limit === 0) return;
  let taken = 0;
  for await (const row of asked) {
    yield row;
    if ((taken += 1) >= limit) return;
  }
}

/** Answers how many there were. Ends with the reader, as `head` does. */
async function printed(
  found: Iterable<Row> | AsyncIterable<Row>,
  line: (row: Row) => string,
  { stdout }: Stdio,
): Promise<number> {
  let rowCount = 0;
  for await (const row of found) {
    rowCount += 1;
    if (!(await writeAll(stdout, [`${line(row)}\n`]))) break;
  }
  return rowCount;
}

interface Written {
  readonly path: string;
  readonly overwrite: boolean;
}

async function writtenAsParquet(
  found: Iterable<Row> | AsyncIterable<Row>,
  { columns }: WordedQuestion,
  stdio: Stdio,
  { path, overwrite }: Written,
): Promise<number> {
  // No other command needs it.
  const { toParquet } = await import("../../streams/tables/index.js");
  let signal: Signal | undefined;
  let rowCount = 0;
  const stopListening = stdio.onSignal((heard) => (signal = heard));
  async function* untilSignal(): AsyncGenerator<Row> {
    for await (const row of found) {
      if (signal !== undefined) return;
      rowCount += 1;
      yield row;
    }
  }
  const pieces = toParquet(untilSignal(), { columns });
  const byteLength = await writeComingPieces(path, pieces, overwrite, () => signal !== undefined).finally(
    stopListening,
  );
  if (signal !== undefined || byteLength === undefined) return SIGNAL_CODES[signal ?? "SIGINT"];
  stdio.stderr.write(`foldvm: ${counted(rowCount, "row")}: ${path}, ${bytes(byteLength)}\n`);
  return rowCount > 0 ? EXIT.done : EXIT.textFailed;
}

/** One lane, with what tells its rows apart. A signal ends it: then there is no picture. */
async function drawn(
  found: Iterable<Row> | AsyncIterable<Row>,
  title: string,
  stdio: Stdio,
  { path, overwrite }: Written,
): Promise<number> {
  return stoppable(stdio, async ({ signal, codeOf }) => {
    const marks = new Marks();
    for await (const row of found) {
      if (signal.aborted) return codeOf(EXIT.done);
      marks.add({ ns: row.ns, label: labelOf(row) });
    }
    const byteLength = writePicture(path, drawnTimeline([{ title, marks }], { title }), overwrite);
    stdio.stderr.write(`foldvm: ${counted(marks.count, "row")}: ${path}, ${bytes(byteLength)}\n`);
    return marks.count > 0 ? EXIT.done : EXIT.textFailed;
  });
}

/** What was printed, what happened, or who did it, and the value that is there since. */
function labelOf({ text, cause, csr, value, function: name, pc }: Row): string {
  const what = [text, cause, csr, name, pc].find((part) => part !== undefined && part !== "") ?? "";
  return [what, value]
    .flatMap((part) => (part === undefined ? [] : [typeof part === "string" ? part : shown(part)]))
    .join(" ");
}

function explain(asked: Query<Row>, { stdout }: Stdio): number {
  const { segments, skipped, instructions } = asked.explain();
  stdout.write(
    `${count(segments)} segments, of which ${count(skipped)} are ruled out; ${count(instructions)} instructions to run\n`,
  );
  return EXIT.done;
}
