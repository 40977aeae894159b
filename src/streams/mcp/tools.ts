/** The tools of a server: what each takes, as a JSON schema; the questions, with bounded answers and a cursor. */
import {
  bounded,
  chosen,
  flag,
  recordingSchema,
  refusal,
  text,
  where,
  whereSchema,
  type Given,
  type Recordings,
} from "./arguments.js";
import { nearestOf } from "../../options/nearest.js";
import { MOMENT_TOOLS } from "./moment-tools.js";
import { plain } from "./plain.js";
import { QUESTIONS, questionOf } from "../session/questions.js";
import type { QuestionRow } from "../session/row-text.js";

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: {
    readonly type: "object";
    readonly properties: Readonly<Record<string, object>>;
    readonly [member: string]: unknown;
  };
}

/** Rows, and where to go on from; absent: there are no more. */
export interface ToolAnswer {
  readonly rows: readonly unknown[];
  readonly cursor?: string;
}

export const MAX_TOOL_ROWS = 1000;
const DEFAULT_ROWS = 100;

/** One for each question, those about moments, and one that says which recordings there are. */
export const toolsFor = (recordings: Recordings): readonly Tool[] => [
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
        recording: recordingSchema(recordings, "which; the only one where it is left out"),
        of: { type: "string", description: of.means },
        from: whereSchema("where to begin (start)"),
        until: whereSchema("where to stop (end)"),
        ...(hasResults && { results: { type: "boolean", description: "with what each call returned, and when" } }),
        limit: { type: "integer", minimum: 1, maximum: MAX_TOOL_ROWS, default: DEFAULT_ROWS },
        last: { type: "boolean", description: "the last row only, found from the end" },
        cursor: { type: "string", description: "of the answer before: what comes after its rows" },
      },
      required: of.isNeeded ? ["of"] : [],
      additionalProperties: false,
    },
  })),
  ...Object.entries(MOMENT_TOOLS).map(([name, { description, properties, required }]) => ({
    name,
    description,
    inputSchema: {
      type: "object" as const,
      properties: properties(recordings),
      required,
      additionalProperties: false,
    },
  })),
];

/**
 * Ends early, with what it has, where `signal` says so. @throws {OptionError} @throws {PlaceError} and what a replay
 * throws
 */
export async function callTool(
  recordings: Recordings,
  name: string,
  given: Given,
  signal?: AbortSignal,
): Promise<ToolAnswer> {
  requireKnown(recordings, name, given);
  if (name === "recordings") return { rows: [...recordings].map(([file, { info }]) => ({ file, ...info })) };
  const about = Object.hasOwn(MOMENT_TOOLS, name) ? MOMENT_TOOLS[name] : undefined;
  if (about !== undefined) return { rows: (await about.call(recordings, given, signal)).map(plain) };
  const of = text(given, "of");
  const question = questionOf(name, of);
  const recording = chosen(recordings, given);
  const cursor = cursorOf(text(given, "cursor"));
  const from = cursor === undefined ? where(given, "from", recording) : { seq: cursor.seq, icount: cursor.icount };
  const results = question.hasResults && { results: flag(given, "results") };
  const { rows } = question.ask(recording, of, { from, until: where(given, "until", recording), ...results });
  if (flag(given, "last")) {
    const last = rows.last();
    return { rows: last === undefined ? [] : [plain(last)] };
  }
  return page(rows, cursor, bounded(given, "limit", DEFAULT_ROWS, MAX_TOOL_ROWS), signal);
}

/** What no tool knows would be no part of the answer. @throws {OptionError} */
function requireKnown(recordings: Recordings, name: string, given: Given): void {
  const tool = toolsFor(recordings).find((one) => one.name === name);
  if (tool === undefined) return;
  const names = Object.keys(tool.inputSchema.properties);
  const strange = Object.keys(given).find((argument) => !names.includes(argument));
  if (strange === undefined) return;
  const meant = nearestOf(strange, names);
  const remedy = meant === undefined ? `there are ${names.join(", ") || "none"}` : `did you mean ${meant}?`;
  throw refusal(strange, given[strange], `${name} has no such argument; ${remedy}`);
}

async function page(
  asked: AsyncIterable<QuestionRow>,
  cursor: Cursor | undefined,
  limit: number,
  signal?: AbortSignal,
): Promise<ToolAnswer> {
  const rows: QuestionRow[] = [];
  let skipped = 0;
  for await (const row of asked) {
    if (signal?.aborted === true) break;
    if (skipped < (cursor?.skip ?? 0)) skipped += 1;
    else if (rows.length < limit) rows.push(row);
    else return { rows: rows.map(plain), cursor: after(rows, cursor) };
  }
  return { rows: rows.map(plain) };
}

/** Several rows may stand at one position: a cursor says how many of them were given. */
interface Cursor {
  readonly seq: number;
  readonly icount: number;
  readonly skip: number;
}

function after(rows: readonly QuestionRow[], before: Cursor | undefined): string {
  const last = rows.at(-1);
  if (last === undefined) throw new Error("a page without a row has no cursor");
  const isThere = ({ seq, icount }: { readonly seq: number; readonly icount: number }): boolean =>
    seq === last.seq && icount === last.icount;
  const skipped = before !== undefined && isThere(before) ? before.skip : 0;
  return `${String(last.seq)}@${String(last.icount)}+${String(skipped + rows.filter(isThere).length)}`;
}

function cursorOf(cursor: string | undefined): Cursor | undefined {
  if (cursor === undefined) return undefined;
  const [, seq, icount, skip] = /^(\d{1,15})@(\d{1,15})\+(\d{1,15})$/.exec(cursor) ?? [];
  if (seq === undefined) throw refusal("cursor", cursor, "give the cursor of the answer before, as it was");
  return { seq: Number(seq), icount: Number(icount), skip: Number(skip) };
}
