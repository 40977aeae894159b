/**
 * Stacks as a profile in Firefox Profiler's processed format, version 56, which profiler.firefox.com opens: its tables
 * are those of src/types/profile.ts of firefox-devtools/profiler.
 */
import { check } from "../../../options/check.js";
import { exactly, maybe, text } from "../../../options/codecs.js";
import { someRows } from "../../past/query/rows.js";
import type { FormRow, FormRows } from "../form-rows.js";
import { lettersOf } from "../letters.js";
import type { SampledStack } from "./question.js";
import { RunningTasks } from "./running-tasks.js";
import { CATEGORIES, ThreadTables, type Marker } from "./thread-tables.js";

export interface FirefoxOptions {
  /** What was profiled, as its user knows it. */
  readonly product?: string | undefined;
}

/** docs-developer/CHANGELOG-formats.md of the profiler; newer ones read it too. */
const FORMAT_VERSION = 56;
/** Of the format that Firefox itself writes, which this comes from by no conversion. */
const GECKO_VERSION = 31;

/**
 * The profile as JSON, in pieces, once all rows are read. Of the rows, those of `stacks` (as `firefoxQuestion` asks for
 * them) are samples; lines of `output`, inputs, and the tasks of `switches` are markers. @throws {OptionError} and what
 * `rows` throws
 */
export function toFirefoxProfile(rows: FormRows, options: FirefoxOptions = {}): AsyncGenerator<string, void> {
  check("toFirefoxProfile", exactly<{ readonly rows: FormRows }>({ rows: someRows }), { rows });
  check("toFirefoxProfile", exactly<FirefoxOptions>({ product: maybe(text) }), options);
  return piecesOf(rows, options);
}

async function* piecesOf(rows: FormRows, { product = "foldvm" }: FirefoxOptions): AsyncGenerator<string, void> {
  const strings = new Strings();
  const threads = new Map<number, ThreadTables>();
  const threadOf = (hart: number): ThreadTables => {
    const known = threads.get(hart) ?? new ThreadTables(strings, hart);
    threads.set(hart, known);
    return known;
  };
  const running = new RunningTasks();
  let lastNs = 0n;
  for await (const given of rows) {
    const row = given as FormRow;
    const { kind, ns, hart = 0 } = row;
    if (ns > lastNs) lastNs = ns;
    const thread = threadOf(hart);
    if (kind === "stacks") thread.sample(ns, row["value"] as SampledStack);
    const marker = kind === "switches" ? running.switched(row) : momentOf(row);
    if (marker !== undefined) thread.marker(marker);
  }
  for (const [hart, marker] of running.end(lastNs)) threadOf(hart).marker(marker);
  for (const thread of threads.values()) thread.end(lastNs);
  const tables = [...threads].sort(([a], [b]) => a - b).map(([, thread]) => thread);
  yield `{"meta":${JSON.stringify(metaOf(product, tables))},"libs":[],"threads":[`;
  for (const [index, thread] of tables.entries()) yield `${index === 0 ? "" : ","}${JSON.stringify(thread.toJSON())}`;
  yield `],"shared":{"stringArray":${JSON.stringify(strings.all)}}}\n`;
}

function momentOf(row: FormRow): Marker | undefined {
  const { kind, ns } = row;
  if (kind === "input") return { type: "input", text: String(row["type"]), ns };
  if (kind !== "output") return undefined;
  return { type: "console", text: `${String(row["port"])}: ${lettersOf(String(row["text"]))}`, ns };
}

const metaOf = (product: string, tables: readonly ThreadTables[]): object => ({
  interval: Math.max(...tables.map(({ intervalMs }) => intervalMs), 0.001),
  startTime: 0,
  processType: 0,
  product,
  stackwalk: 1,
  version: GECKO_VERSION,
  preprocessedProfileVersion: FORMAT_VERSION,
  categories: CATEGORIES,
  symbolicated: true,
  symbolicationNotSupported: true,
  sourceCodeIsNotOnSearchfox: true,
  importedFrom: "foldvm",
  markerSchema: MARKER_SCHEMA,
  sampleUnits: { time: "ms", eventDelay: "ms", threadCPUDelta: "ns" },
});

const MARKER_SCHEMA = ["console", "input", "task", "gap"].map((name) => ({
  ...{ name, display: ["marker-chart", "marker-table", "timeline-overview"], chartLabel: "{marker.data.text}" },
  ...{ tableLabel: "{marker.data.text}", fields: [{ key: "text", label: "Text", format: "string" }] },
}));

/** Each text once. */
export class Strings {
  readonly all: string[] = [];
  private readonly known = new Map<string, number>();

  of(string: string): number {
    const known = this.known.get(string);
    if (known !== undefined) return known;
    this.known.set(string, this.all.length);
    return this.all.push(string) - 1;
  }
}
