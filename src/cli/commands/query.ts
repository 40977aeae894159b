/** `foldvm query`: a question about the past of a recording, answered row by row. */
import {
  calls,
  csrs,
  devices,
  output,
  reads,
  traps,
  visits,
  writes,
  type AskedOptions,
  type Instant,
  type Query,
  type RowOfHart,
} from "../../streams/past/query/index.js";
import type { Recording } from "../../streams/past/recording.js";
import type { Stdio } from "../../streams/host/stdio.js";
import { writeAll } from "../../streams/host/write-all.js";
import { hexAddress } from "../../reducers/hex.js";
import { command } from "../command.js";
import { EXIT } from "../exit-codes.js";
import { count } from "../figures.js";
import { nearestOf, orList } from "../../options/nearest.js";
import { NAMED_RECORDING_OPTIONS, namedRecordingOptions } from "../machine-arguments.js";
import { readAll, UsageError } from "../problems.js";
import { openOperand } from "../recording-operand.js";
import { sayWhereCut } from "../truncation.js";
import { integer, positionOf } from "../values.js";

type Row = Instant & Readonly<Record<string, unknown>>;
type Asked = (recording: Recording, of: string | undefined, options: AskedOptions) => Query<Row>;

/** Each question, by its word. `OF` says what it is about. */
const QUESTIONS: Readonly<Record<string, Asked>> = {
  writes: (recording, of, options) => rows(writes(recording, { of: needed("writes", of), ...options })),
  reads: (recording, of, options) => rows(reads(recording, { of: needed("reads", of), ...options })),
  visits: (recording, of, options) => rows(visits(recording, { of: needed("visits", of), ...options })),
  calls: (recording, of, options) => rows(calls(recording, { of: patternOf(needed("calls", of)), ...options })),
  traps: (recording, of, options) => rows(traps(recording, { of: of?.split(","), ...options })),
  csrs: (recording, of, options) => rows(csrs(recording, { of: of?.split(","), ...options })),
  devices: (recording, of, options) => rows(devices(recording, { of: of?.split(",").map(deviceOf), ...options })),
  output: (recording, of, options) =>
    rows(output(recording, { of: of === undefined ? undefined : patternOf(of), ...options })),
};

const rows = (query: Query<Instant>): Query<Row> => query as unknown as Query<Row>;

export const query = command({
  name: "query",
  operand: "FILE",
  more: { words: "QUESTION [OF]", most: 2 },
  summary: "Asks a recording: who wrote this, when was that called, what was printed.",
  options: {
    first: { help: "the first row only" },
    last: { help: "the last row only, found from the end" },
    limit: { value: "N", help: "at most so many rows" },
    from: { value: "WHERE", help: "an instruction count, seq:N or SEQ@ICOUNT (the beginning)" },
    until: { value: "WHERE", help: "where to stop (the end)" },
    explain: { help: "what it would cost, instead of the answer" },
    json: { help: "each row as a JSON object on its line; 64-bit values are decimal strings" },
    ...NAMED_RECORDING_OPTIONS,
  },
  notes:
    "writes PLACE, reads PLACE: accesses to memory, by harts and devices\n" +
    "visits PLACE, calls NAME or /PATTERN/: arrivals at an instruction or a function\n" +
    "traps [NAME,...]: exceptions and interrupts; csrs [NAME,...]: writes to CSRs\n" +
    "devices [NAME or ADDRESS:BYTES,...]: loads and stores of devices' registers\n" +
    "output [TEXT or /PATTERN/]: the consoles, line by line\n" +
    "A PLACE is a symbol or an address, with +OFFSET and :WIDTH in bytes. Exit code 1: there is no such row.\n" +
    "Example: foldvm query b.fold writes 0x80002ed8:4 --last\n",
  read(args) {
    const [, word, of] = args.operands;
    const read = readAll({
      ask: () => questionOf(word),
      limit: () => (args.has("limit") ? integer("--limit", args.get("limit") ?? "") : Infinity),
      from: () => positionOf("--from", args.get("from")),
      until: () => positionOf("--until", args.get("until")),
      one: () => {
        if (args.has("first") && args.has("last")) throw new UsageError("--first and --last: one at a time");
      },
    });
    return async (stdio) => {
      const recording = await openOperand(args, stdio, namedRecordingOptions(args));
      sayWhereCut(recording, stdio);
      const asked = read.ask(recording, of, { from: read.from, until: read.until });
      if (args.has("explain")) return explain(asked, stdio);
      const print = args.has("json") ? jsonLine : textLine;
      const only = args.has("first") ? asked.first() : args.has("last") ? asked.last() : undefined;
      const isOne = args.has("first") || args.has("last");
      const found = isOne ? (only === undefined ? [] : [only]) : limited(asked, read.limit);
      return (await printed(found, print, stdio)) > 0 ? EXIT.done : EXIT.textFailed;
    };
  },
});

function questionOf(word: string | undefined): Asked {
  const words = Object.keys(QUESTIONS);
  const asked = QUESTIONS[word ?? ""];
  if (asked !== undefined) return asked;
  if (word === undefined) throw new UsageError(`QUESTION is missing: ${orList(words)}`);
  const near = nearestOf(word, words);
  throw new UsageError(
    `there is no question ${word}; ${near === undefined ? `there are ${words.join(", ")}` : `is ${near} meant?`}`,
  );
}

function needed(word: string, of: string | undefined): string {
  if (of === undefined) throw new UsageError(`${word}: of what? A symbol or an address, such as ${word} 0x80002ed8`);
  return of;
}

/** A device by its name, or physical addresses. */
function deviceOf(text: string): string | { readonly address: number; readonly bytes: number } {
  const [, address, bytes = "1"] = /^(0[xX][0-9a-fA-F]+|\d+)(?::(\d+))?$/.exec(text) ?? [];
  return address === undefined ? text : { address: Number(address), bytes: Number(bytes) };
}

/** `/text/` is a pattern. @throws {UsageError} */
function patternOf(text: string): string | RegExp {
  const [, pattern, flags] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? [];
  if (pattern === undefined) return text;
  try {
    return new RegExp(pattern, flags);
  } catch (fault) {
    throw new UsageError(`${text}: ${fault instanceof Error ? fault.message : String(fault)}`);
  }
}

async function* limited(asked: Query<Row>, limit: number): AsyncGenerator<Row> {
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

function explain(asked: Query<Row>, { stdout }: Stdio): number {
  const { segments, skipped, instructions } = asked.explain();
  stdout.write(
    `${count(segments)} segments, of which ${count(skipped)} are ruled out; ${count(instructions)} instructions to run\n`,
  );
  return EXIT.done;
}

/** 64-bit values are strings, for any reader of JSON. */
const jsonLine = (row: Row): string =>
  JSON.stringify(row, (_name, value: unknown) => (typeof value === "bigint" ? value.toString() : value));

function textLine({ seq, icount, ns: _ns, hart, pc, function: name, ...rest }: Row & Partial<RowOfHart>): string {
  const where = pc === undefined ? "" : `  ${hexAddress(pc)}${name === undefined ? "" : ` ${name}`}`;
  const own = Object.entries(rest).map(([field, value]) => `${field}=${shown(value)}`);
  return `${count(icount).padStart(15)}  seq ${count(seq)}  hart ${String(hart)}${where}  ${own.join(" ")}`;
}

const shown = (value: unknown): string => {
  if (typeof value === "bigint") return hexAddress(value);
  if (Array.isArray(value)) return `[${value.map(shown).join(" ")}]`;
  return typeof value === "string" && /\s/.test(value) ? JSON.stringify(value) : String(value);
};
