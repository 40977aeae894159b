/** The questions as tools of a server: what each takes, as a JSON schema, and bounded answers with a cursor. */
import { OptionError } from "../../options/option-error.js";
import { jsonRow } from "../past/query/ndjson.js";
import type { Recording } from "../past/recording.js";
import { QUESTIONS, questionOf, type QuestionRow } from "../session/questions.js";

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: { readonly type: "object"; readonly [member: string]: unknown };
}

/** Rows, and where to go on from; absent: there are no more. */
export interface ToolAnswer {
  readonly rows: readonly unknown[];
  readonly cursor?: string;
}

export const MAX_TOOL_ROWS = 1000;
const DEFAULT_ROWS = 100;

/** One for each question, and one that says which recordings there are. */
export const toolsFor = (recordings: ReadonlyMap<string, Recording>): readonly Tool[] => [
  {
    name: "recordings",
    description: "The recordings that can be asked: instructions, events, machine, how each ended.",
    inputSchema: { type: "object", properties: {}, additionalProperties: false },
  },
  ...Object.entries(QUESTIONS).map(([name, { rows, of, columns, hasResults }]) => ({
    name,
    description: `Asks a recording: ${rows}. A row has ${Object.keys(columns).join(", ")}; 64-bit values are decimal texts.`,
    inputSchema: {
      type: "object" as const,
      properties: {
        recording: { enum: [...recordings.keys()], description: "which; the only one where it is left out" },
        of: { type: "string", description: of.means },
        from: { type: "integer", minimum: 0, description: "an instruction count to begin at" },
        until: { type: "integer", minimum: 0, description: "an instruction count to stop at" },
        ...(hasResults && { results: { type: "boolean", description: "with what each call returned, and when" } }),
        limit: { type: "integer", minimum: 1, maximum: MAX_TOOL_ROWS, default: DEFAULT_ROWS },
        last: { type: "boolean", description: "the last row only, found from the end" },
        cursor: { type: "string", description: "of the answer before: what comes after its rows" },
      },
      required: of.isNeeded ? ["of"] : [],
      additionalProperties: false,
    },
  })),
];

/** @throws {OptionError} @throws {PlaceError} and what a replay throws */
export async function callTool(
  recordings: ReadonlyMap<string, Recording>,
  name: string,
  given: Readonly<Record<string, unknown>>,
): Promise<ToolAnswer> {
  if (name === "recordings") return { rows: [...recordings].map(([file, { info }]) => ({ file, ...info })) };
  const of = text(given, "of");
  const question = questionOf(name, of);
  const recording = chosen(recordings, text(given, "recording"));
  const cursor = cursorOf(text(given, "cursor"));
  const from = cursor ?? whole(given, "from");
  const results = question.hasResults && { results: given["results"] === true };
  const asked = question.ask(recording, of, { from: positionOf(from), until: whole(given, "until"), ...results });
  if (given["last"] === true) {
    const last = asked.last();
    return { rows: last === undefined ? [] : [plain(last)] };
  }
  return page(asked, cursor?.skip ?? 0, limitOf(given));
}

async function page(asked: AsyncIterable<QuestionRow>, skip: number, limit: number): Promise<ToolAnswer> {
  const rows: QuestionRow[] = [];
  let skipped = 0;
  for await (const row of asked) {
    if (skipped < skip) skipped += 1;
    else if (rows.length < limit) rows.push(row);
    else return { rows: rows.map(plain), cursor: after(rows, skip) };
  }
  return { rows: rows.map(plain) };
}

/** Several rows may stand at one position: a cursor says how many of them were given. */
interface Cursor {
  readonly seq: number;
  readonly icount: number;
  readonly skip: number;
}

function after(rows: readonly QuestionRow[], skip: number): string {
  const last = rows.at(-1);
  if (last === undefined) throw new Error("a page without a row has no cursor");
  const same = rows.filter(({ seq, icount }) => seq === last.seq && icount === last.icount).length;
  return `${String(last.seq)}@${String(last.icount)}+${String(same === rows.length ? same + skip : same)}`;
}

function cursorOf(cursor: string | undefined): Cursor | undefined {
  if (cursor === undefined) return undefined;
  const [, seq, icount, skip] = /^(\d{1,15})@(\d{1,15})\+(\d{1,15})$/.exec(cursor) ?? [];
  if (seq === undefined) throw refusal("cursor", cursor, "give the cursor of the answer before, as it was");
  return { seq: Number(seq), icount: Number(icount), skip: Number(skip) };
}

const positionOf = (from: Cursor | number | undefined) =>
  typeof from === "object" ? { seq: from.seq, icount: from.icount } : from;

function chosen(recordings: ReadonlyMap<string, Recording>, name: string | undefined): Recording {
  const [only] = recordings.values();
  const found = name === undefined && recordings.size === 1 ? only : recordings.get(name ?? "");
  if (found === undefined) throw refusal("recording", name, `there are ${[...recordings.keys()].join(", ")}`);
  return found;
}

function text(given: Readonly<Record<string, unknown>>, member: string): string | undefined {
  const found = given[member];
  if (found === undefined || typeof found === "string") return found;
  throw refusal(member, found, "give a text");
}

function whole(given: Readonly<Record<string, unknown>>, member: string): number | undefined {
  const found = given[member];
  if (found === undefined || (Number.isSafeInteger(found) && (found as number) >= 0))
    return found as number | undefined;
  throw refusal(member, found, "give a whole number, 0 or more");
}

function limitOf(given: Readonly<Record<string, unknown>>): number {
  const limit = whole(given, "limit") ?? DEFAULT_ROWS;
  if (limit < 1 || limit > MAX_TOOL_ROWS) throw refusal("limit", limit, `give 1 to ${String(MAX_TOOL_ROWS)}`);
  return limit;
}

const refusal = (option: string, value: unknown, remedy: string): OptionError =>
  new OptionError(`${option} ${JSON.stringify(value) ?? "is missing"}: ${remedy}`, { option, value });

const plain = (row: QuestionRow): unknown => JSON.parse(jsonRow(row));
