/** "Who wrote this?", "when was this called?": as the command line asks. */
import { lastValueFrom, toArray } from "rxjs";

import { questionOf } from "../../src/streams/session/questions.js";
import type { QuestionRow } from "../../src/streams/session/row-text.js";
import type { Until } from "../../src/streams/past/until.js";
import type { Ask, PageRow, QueryKind } from "../protocol.js";
import { Cancelled, PageError } from "./cancelled.js";
import type { Opened } from "./opened.js";
import { pageRow } from "./page-row.js";
import { readQuery, type Reader } from "./read-query.js";

export interface Range {
  readonly from: Until | undefined;
  readonly until: Until | undefined;
}

/** Answers how many there are, up to the limit. @throws {PageError} @throws {PlaceError} @throws {OptionError} */
export async function asked(
  opened: Opened,
  { kind, of, last, limit }: Ask<"query">,
  range: Range,
  reader: Reader,
): Promise<{ readonly rows: number; readonly hasMore: boolean }> {
  await reader.turns.run(opened.learnNames(), { signal: reader.signal });
  const words = of === "" ? undefined : of;
  const { rows } = questionOf(kind, words).ask(opened.recording, words, range);
  const shown = (row: QuestionRow): PageRow => pageRow(kind, row, nameOf(kind, row));
  if (last === undefined) return readQuery(rows, limit, shown, reader);
  if (!(Number.isInteger(last) && last > 0 && last <= limit)) {
    throw new PageError(`the last ${String(last)}: expected a whole number from 1 to ${String(limit)}`);
  }
  const found = await latest(rows.latest$(last).pipe(toArray()), reader.signal);
  reader.part(found.reverse().map(shown));
  return { rows: found.length, hasMore: false };
}

const NAMES: Readonly<Partial<Record<QueryKind, string>>> = {
  writes: "by",
  reads: "by",
  traps: "cause",
  csrs: "csr",
  devices: "device",
  output: "port",
};

function nameOf(kind: QueryKind, row: QuestionRow): string {
  const named = row[NAMES[kind] ?? "function"];
  return typeof named === "string" ? named : kind;
}

/** Paced by the query itself. Throws Cancelled. */
async function latest<Rows>(rows$: Parameters<typeof lastValueFrom<Rows>>[0], signal: AbortSignal): Promise<Rows> {
  return new Promise<Rows>((resolve, reject) => {
    const reading = rows$.subscribe({ next: resolve, error: reject });
    signal.addEventListener("abort", () => {
      reading.unsubscribe();
      reject(new Cancelled());
    });
  });
}
