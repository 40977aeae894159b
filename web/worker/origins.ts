/** "Where does it come from?": the tree behind a value, in order. */
import { at } from "../../src/streams/past/query/index.js";
import { sourceTree, type TreeRow } from "../../src/streams/past/whence/index.js";
import { hexAddress } from "../../src/reducers/hex.js";
import type { Ask, PageInstant, Progress, WhenceRow } from "../protocol.js";
import { Cancelled, PageError } from "./cancelled.js";
import type { Opened } from "./opened.js";

export const MAX_ORIGINS = 1000;

interface Told {
  readonly signal: AbortSignal;
  readonly part: (rows: readonly WhenceRow[]) => void;
  readonly progress: (progress: Progress) => void;
}

/** Throws as `whence` does. */
export async function originsOf(
  { recording, start }: Opened,
  { of, limit }: Ask<"whence">,
  { seq, icount }: PageInstant,
  { signal, part, progress }: Told,
): Promise<{ readonly rows: number; readonly hasMore: boolean }> {
  if (!(Number.isInteger(limit) && limit > 0 && limit <= MAX_ORIGINS)) {
    throw new PageError(`a limit of ${String(limit)} rows: expected a whole number from 1 to ${String(MAX_ORIGINS)}`);
  }
  const tree = sourceTree(at(recording, { seq, icount }), of, { nodes: limit });
  await tree.grow({
    signal,
    progress(nodes) {
      progress({ done: nodes, total: limit });
    },
  });
  if (signal.aborted) throw new Cancelled();
  const rows = tree.rows();
  part(rows.map((row) => originRow(row, start)));
  return { rows: rows.length, hasMore: rows.some(({ isCut }) => isCut) };
}

/** What was there from the beginning stands there. */
const originRow = (row: TreeRow, start: PageInstant): WhenceRow => ({
  seq: row.at?.seq ?? start.seq,
  icount: row.at?.icount ?? start.icount,
  ns: row.at === undefined ? null : Number(row.at.ns),
  depth: row.depth,
  text: textOf(row),
  end: ENDS.has(row.kind) ? row.kind : null,
});

/** Kinds behind which there is nothing. */
const ENDS: ReadonlySet<TreeRow["kind"]> = new Set([
  ...(["constant", "device", "event", "image", "zero", "reset", "start", "input", "unknown"] as const),
]);

const textOf = ({ place, value, text, function: name, line, same }: TreeRow): string => {
  const where = [name, line].filter((part) => part !== undefined).join(" ");
  const told = same === undefined ? "" : " (told above)";
  return `${place} = ${hexAddress(value)}: ${text}${where === "" ? "" : ` in ${where}`}${told}`;
};
