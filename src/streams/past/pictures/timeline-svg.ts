/** `timelineSvg`: answers as marks on the virtual clock, a lane each. */
import { check } from "../../../options/check.js";
import { call, exactly, list, maybe, text, value } from "../../../options/codecs.js";
import { OptionError } from "../../../options/option-error.js";
import { axis, labelOf, xOf, type Plot, type Span } from "./axis.js";
import { Marks, type Mark } from "./marks.js";
import { element, escaped, LETTER_WIDTH, picture, shortened, textAt } from "./svg.js";

/** Of any answer, a recording's events, or a program's own. */
export interface TimelineRow {
  /** The virtual clock. */
  readonly ns: bigint;
}

export interface TimelineLane<Row extends TimelineRow = TimelineRow> {
  readonly title: string;
  /** A question, which is then asked, or rows. */
  readonly rows: Iterable<Row> | { toArray(): readonly Row[] };
  /** What stands at a mark, where there is room for it. */
  label?(row: Row): string;
}

export interface TimelineOptions {
  readonly title?: string | undefined;
  /** Where the axis begins and ends, in ns; a row outside is not drawn. Default: the first and the last row. */
  readonly from?: bigint | undefined;
  readonly until?: bigint | undefined;
}

/** Rows that were taken already. */
export interface MarkedLane {
  readonly title: string;
  readonly marks: Marks;
}

export const MAX_LANES = 64;

const nanoseconds = value<bigint>("a bigint of ns, 0 or more", (given) => typeof given === "bigint" && given >= 0n);
const LANE = exactly<TimelineLane>({
  title: text,
  rows: value(
    "rows or a Query",
    (given) => typeof given === "object" && given !== null && (Symbol.iterator in given || "toArray" in given),
  ),
  label: maybe(call),
});
const LANES = exactly<{ readonly lanes: unknown }>({ lanes: list(LANE) });
const OPTIONS = exactly<TimelineOptions>({
  title: maybe(text),
  from: maybe(nanoseconds),
  until: maybe(nanoseconds),
});

/**
 * A picture of answers over time: an SVG document, which also says in words what it shows. Of a lane with more rows
 * than MAX_MARKS, rows that are close together are one mark. @throws {OptionError} and as a question does
 */
export function timelineSvg(lanes: readonly TimelineLane[], options: TimelineOptions = {}): string {
  check("timelineSvg", LANES, { lanes });
  check("timelineSvg", OPTIONS, options);
  if (lanes.length > MAX_LANES)
    throw new OptionError(`timelineSvg: ${String(lanes.length)} lanes; at most ${String(MAX_LANES)} are drawn`, {
      option: "lanes",
    });
  const { from = 0n, until } = options;
  const marked = lanes.map(({ title, rows, ...lane }) => {
    const marks = new Marks();
    for (const row of "toArray" in rows ? rows.toArray() : rows) {
      if (row.ns >= from && (until === undefined || row.ns <= until))
        marks.add({ ns: row.ns, label: lane.label?.(row) ?? "" });
    }
    return { title, marks };
  });
  return drawnTimeline(marked, options);
}

const WIDTH = 960;
const PLOT: Plot = { left: 200, width: 720 };
const TOP = 36;
const LANE_HEIGHT = 40;
const TITLE_LETTERS = 25;

export function drawnTimeline(lanes: readonly MarkedLane[], options: TimelineOptions): string {
  const drawn = lanes.map(({ title, marks }) => ({ title, count: marks.count, marks: marks.all }));
  const span = spanOf(
    drawn.flatMap(({ marks }) => marks),
    options,
  );
  const bottom = TOP + lanes.length * LANE_HEIGHT;
  const title = options.title ?? "A recording over time";
  const range = `${labelOf(span.from, span.from)} to ${labelOf(span.until, span.until)}`;
  const description = [
    `From ${range} of virtual time.`,
    ...drawn.map((lane) => `${shortened(lane.title, TOLD_LETTERS)}: ${rowsAt(lane.count, lane.marks)}.`),
  ].join(" ");
  return picture({ width: WIDTH, height: bottom + 30, title, description }, [
    textAt(12, 20, shortened(title, (WIDTH - 24) / LETTER_WIDTH), { class: "foldvm-ink" }),
    ...axis(span, PLOT, { top: TOP, bottom }),
    ...drawn.flatMap((lane, index) => {
      const y = TOP + index * LANE_HEIGHT;
      return [
        textAt(12, y + 30, shortened(lane.title, TITLE_LETTERS), { class: "foldvm-ink" }),
        ...drawnMarks(lane.marks, span, y),
      ];
    }),
  ]);
}

function spanOf(marks: readonly Mark[], { from, until }: TimelineOptions): Span {
  const first = from ?? least(marks.map(({ firstNs }) => firstNs)) ?? 0n;
  const last = until ?? -(least(marks.map(({ lastNs }) => -lastNs)) ?? -first);
  return { from: first, until: last > first ? last : first + 1n };
}

const least = (all: readonly bigint[]): bigint | undefined =>
  all.reduce<bigint | undefined>((found, ns) => (found === undefined || ns < found ? ns : found), undefined);

const rowsAt = (count: number, marks: readonly Mark[]): string => {
  const [first, last] = [marks[0], marks.at(-1)];
  if (first === undefined || last === undefined) return "nothing";
  const range = `from ${labelOf(first.firstNs, 0n)} to ${labelOf(last.lastNs, 0n)}`;
  return count === 1 ? `one row at ${labelOf(first.firstNs, 0n)}` : `${String(count)} rows ${range}`;
};

/** In pixels. */
const MARK_WIDTH = 2;
const MARK_HEIGHT = 16;
const FEWEST_LETTERS = 4;

function drawnMarks(marks: readonly Mark[], span: Span, top: number): string[] {
  return marks.flatMap((mark, index) => {
    const x = xOf(mark.firstNs, span, PLOT);
    const width = Math.max(MARK_WIDTH, Number((xOf(mark.lastNs, span, PLOT) - x).toFixed(2)));
    const next = marks[index + 1];
    const end = next === undefined ? WIDTH - LETTER_WIDTH : xOf(next.firstNs, span, PLOT);
    const room = Math.floor((end - x - width) / LETTER_WIDTH) - 1;
    const rect = { class: "foldvm-mark", x, y: top + 17, width, height: MARK_HEIGHT };
    const label = mark.count === 1 ? mark.label : `${String(mark.count)} rows`;
    const told = `${labelOf(mark.firstNs, 0n)}${label === "" ? "" : `: ${shortened(label, TOLD_LETTERS)}`}`;
    return [
      element("rect", rect, element("title", {}, escaped(told))),
      ...(mark.label === "" || mark.count > 1 || room < FEWEST_LETTERS
        ? []
        : [textAt(x + width + 3, top + 30, shortened(mark.label, room), { class: "foldvm-ink" })]),
    ];
  });
}

/** Of what a mark says to who points at it. */
const TOLD_LETTERS = 80;
