/** `branchesSvg`: a recording and its branches as lines over instructions, each from where it leaves its parent. */
import { check } from "../../../options/check.js";
import { anyObject, exactly, list, maybe, text, whole } from "../../../options/codecs.js";
import { element, escaped, LETTER_WIDTH, picture, shortened, textAt } from "./svg.js";

export interface BranchLine {
  readonly title: string;
  /** The instruction at which it leaves its parent; of the first, where it begins. */
  readonly from: number;
  /** The instruction at which it ends. Undefined: nobody knows. */
  readonly until?: number | undefined;
  /** What it changed, how it ended. */
  readonly label?: string | undefined;
  readonly branches?: readonly BranchLine[] | undefined;
}

export interface BranchesOptions {
  readonly title?: string | undefined;
}

/** In all; those that come first, each below its parent. */
export const MAX_LINES = 100;
/** Branches of branches; deeper ones are not looked at. */
export const MAX_DEPTH = 64;

/** What is below it is looked at as it is drawn, as deep as that goes. */
const LINE = exactly<BranchLine>({
  title: text,
  from: whole,
  until: maybe(whole),
  label: maybe(text),
  branches: maybe(list(anyObject)),
});
const OPTIONS = exactly<BranchesOptions>({ title: maybe(text) });

interface Row {
  readonly line: BranchLine;
  /** The row of its parent. */
  readonly parent: number | undefined;
}

const WIDTH = 960;
const LEFT = 24;
const RIGHT = 936;
const TOP = 40;
const ROW_HEIGHT = 44;

/** An SVG document, which also says in words what it shows. @throws {OptionError} */
export function branchesSvg(root: BranchLine, options: BranchesOptions = {}): string {
  check("branchesSvg", OPTIONS, options);
  const rows: Row[] = [];
  const isWhole = collect(root, undefined, 0, rows);
  const last = Math.max(1, ...rows.map(({ line }) => Math.max(line.from, line.until ?? 0)));
  const title = options.title ?? `${root.title} and its branches`;
  const more = isWhole ? [] : ["There are more."];
  const height = TOP + (rows.length + more.length) * ROW_HEIGHT;
  return picture(
    {
      width: WIDTH,
      height,
      title,
      description: rows
        .map(({ line }) => `${told(line)}.`)
        .concat(more)
        .join(" "),
    },
    [
      textAt(12, 20, shortened(title, (WIDTH - 24) / LETTER_WIDTH), { class: "foldvm-ink" }),
      ...rows.flatMap((row, index) => drawn(row, index, last)),
      ...more.map((words) => textAt(LEFT, height - 20, words, { class: "foldvm-faint" })),
    ],
  );
}

/** False: some are left out. */
function collect(line: BranchLine, parent: number | undefined, depth: number, rows: Row[]): boolean {
  if (rows.length >= MAX_LINES || depth >= MAX_DEPTH) return false;
  check("branchesSvg", LINE, line);
  const own = rows.push({ line, parent }) - 1;
  return (line.branches ?? []).every((branch) => collect(branch, own, depth + 1, rows));
}

/** Of what is told of a line in words. */
const TOLD_LETTERS = 300;

const told = ({ title, from, until, label = "" }: BranchLine): string => {
  const range = `from instruction ${String(from)}${until === undefined ? "" : ` to ${String(until)}`}`;
  return shortened([`${title}: ${range}`, label].filter((part) => part !== "").join(", "), TOLD_LETTERS);
};

function drawn({ line, parent }: Row, index: number, last: number): string[] {
  const xAt = (icount: number): number => Math.round(LEFT + ((RIGHT - LEFT) * icount) / last);
  const yAt = (row: number): number => TOP + row * ROW_HEIGHT + 28;
  const [x, y] = [xAt(line.from), yAt(index)];
  const end = line.until === undefined ? RIGHT : Math.max(xAt(line.until), x + 2);
  const words = [line.title, line.label].filter((part) => part !== undefined && part !== "").join("  ");
  // It stands at the left where the line is too short for it.
  const most = Math.floor((RIGHT - LEFT) / LETTER_WIDTH);
  const isLeft = words.length * LETTER_WIDTH > RIGHT - x;
  const dashes = line.until === undefined ? { "stroke-dasharray": "4 4" } : {};
  return [
    ...(parent === undefined
      ? []
      : [element("path", { class: "foldvm-rule", d: `M${String(x)} ${String(yAt(parent))}V${String(y)}` })]),
    element(
      "line",
      { class: "foldvm-mark", "stroke-width": 3, x1: x, x2: end, y1: y, y2: y, ...dashes },
      element("title", {}, escaped(told(line))),
    ),
    textAt(isLeft ? RIGHT : x, y - 9, shortened(words, most), {
      ...(isLeft && { "text-anchor": "end" }),
      class: "foldvm-ink",
    }),
  ];
}
