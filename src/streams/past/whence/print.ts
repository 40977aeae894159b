/** A tree of sources as text, a line a node. */
import { hexAddress } from "../../../reducers/hex.js";
import type { SourceRow } from "./source.js";
import type { TreeRow } from "./tree-row.js";

/** `@` marks what an address was made of, `?` what decided. */
export function rowLines(rows: readonly TreeRow[]): readonly string[] {
  const lastChild = new Map(rows.map(({ id, parent }) => [parent, id]));
  const guides: string[] = [];
  return rows.map((row) => {
    const { depth, id, parent, relation, same, isCut } = row;
    const isLast = lastChild.get(parent) === id;
    const own = depth === 0 ? "" : isLast ? "└ " : "├ ";
    const more = same !== undefined ? "  (told elsewhere)" : isCut ? "  …" : "";
    const line = `${guides.slice(1, depth).join("")}${own}${MARKS[relation]}${sourceLine(row)}${more}`;
    guides[depth] = isLast ? "  " : "│ ";
    return line;
  });
}

const MARKS = { root: "", source: "", address: "@ ", condition: "? " } as const;

function sourceLine({ kind, place, value, at, who, pc, function: name, line, text }: SourceRow): string {
  const what = kind === "event" ? place : `${place} = ${shownValue(value)}`;
  const how = [LABELS[kind] ?? "", text].filter((part) => part !== "").join(" ");
  const where = [pc && hexAddress(pc), name, line && `(${line})`].filter((part) => part !== undefined).join(" ");
  const when = at === undefined ? "" : `icount ${String(at.icount)} seq ${String(at.seq)}`;
  return [what, how, where, who ?? "", when].filter((part) => part !== "").join("  ");
}

/** A page of bytes does not fit a line. */
const SHOWN_DIGITS = 32;

function shownValue(value: bigint): string {
  const text = hexAddress(value);
  return text.length <= SHOWN_DIGITS + 2 ? text : `…${text.slice(-SHOWN_DIGITS)}`;
}

/** Of those whose text does not say it. */
const LABELS: Partial<Readonly<Record<SourceRow["kind"], string>>> = {
  instruction: "<-",
  constant: "<- constant:",
  pieces: "in pieces:",
  copied: "copied by",
  device: "made by",
  image: "image",
  zero: "zero,",
  unknown: "unknown:",
};
