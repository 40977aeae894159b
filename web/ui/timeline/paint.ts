/** Draws the lanes of a window on a canvas. It asks for what it lacks and draws what is there. */
import type { PageRow, RowKind, Summary } from "../../protocol.js";
import { colourOfLane, markOf, nameColour, type LaneKind, type Palette } from "../parts/colours.js";
import { counted, short, time } from "../model/numbers.js";
import { spanOf, stepOf, xOf, type Window } from "../model/scale.js";
import { cursorOf, lengthOf, type State } from "../model/state.js";
import type { LaneRows, RowsOfLanes } from "../work/lane-rows.js";
import type { Piece, Tiles } from "../work/tiles.js";
import { LANE_HEIGHT, type Lane, type Series } from "./lanes.js";
import { signsOf, type Sign } from "./signs.js";
import { labelsOf } from "./tick-labels.js";

/** Fewer than these in view have their names beside them. */
const MAX_LABELS = 250;
const RULER_APART = 110;
const FONT = '11px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace';
const LETTER = 6.6;
const TEXT_GAP = 4;

export interface Painting {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly state: State;
  readonly lanes: readonly Lane[];
  readonly palette: Palette;
  readonly tiles: Tiles;
  readonly laneRows: RowsOfLanes;
  readonly hoverX: number | undefined;
}

export function paint(painting: Painting): void {
  const { context, width, height, lanes, palette } = painting;
  context.fillStyle = palette.back;
  context.fillRect(0, 0, width, height);
  context.font = FONT;
  context.textBaseline = "middle";
  grid(painting);
  const signs = signsOf(painting.state, width, LETTER);
  for (const lane of lanes) paintLane(painting, lane, signs);
  partings(painting, signs);
  cursor(painting);
}

function paintLane(painting: Painting, lane: Lane, signs: readonly Sign[]): void {
  switch (lane.kind) {
    case "ruler":
      ruler(painting, lane, signs);
      return;
    case "overview":
      overview(painting, lane);
      return;
    case "density":
      density(painting, lane);
      return;
    case "rows":
      spans(painting, lane);
      return;
    case "marks":
      marks(painting, lane);
      return;
    case "more":
  }
}

function grid({ context, state: { window }, width, height, palette, lanes }: Painting): void {
  const step = stepOf(window, width, RULER_APART);
  context.fillStyle = palette.line;
  for (let at = Math.ceil(window.from / step) * step; at <= window.until; at += step)
    context.fillRect(Math.round(xOf(at, window, width)), LANE_HEIGHT, 1, height);
  for (const { top } of lanes) context.fillRect(0, top, width, 1);
}

function ruler(
  { context, state: { window, axis }, width, palette }: Painting,
  { top, height }: Lane,
  signs: readonly Sign[],
): void {
  context.fillStyle = palette.raised;
  context.fillRect(0, top, width, height);
  const step = stepOf(window, width, RULER_APART);
  for (let at = Math.ceil(window.from / step) * step; at <= window.until; at += step) {
    const x = Math.round(xOf(at, window, width));
    context.fillStyle = palette.quiet;
    context.fillRect(x, top + height - 6, 1, 6);
    const text = axis === "ns" ? time(at) : short(at);
    const right = x + TEXT_GAP + text.length * LETTER;
    if (right <= width && !signs.some((sign) => x < sign.right && right > sign.left))
      context.fillText(text, x + TEXT_GAP, top + height / 2);
  }
}

/** The whole run, with the part that is in view. */
function overview({ context, state, width, tiles, palette }: Painting, lane: Lane & { kind: "overview" }): void {
  const { recording, summary } = lane;
  const { top, height } = lane;
  const whole = { from: 0, until: lengthOf(state) };
  context.fillStyle = palette.raised;
  context.fillRect(0, top + 1, width, height - 1);
  const pieces = tiles.pieces(summary, state.axis, whole, width);
  const bars = barsOf(pieces, whole, width, isEvent);
  drawBars(
    context,
    bars,
    top + 4,
    height - 8,
    colourOfLane(state.active === recording ? "input" : "predicted", palette),
  );
  const { parent, end } = summary;
  const forked = state.axis === "icount" ? parent?.icount : state.partings.find(({ b }) => b === recording)?.at.ns;
  if (parent !== null && forked !== undefined) fork(context, palette, xOf(forked, whole, width), lane);
  const endX = xOf(end[state.axis], whole, width);
  context.fillStyle = palette.quiet;
  context.fillRect(Math.min(width - 1, endX), top + 3, 1, height - 5);
  const [left, right] = [xOf(state.window.from, whole, width), xOf(state.window.until, whole, width)];
  context.fillStyle = palette.veil;
  context.fillRect(0, top + 1, left, height - 1);
  context.fillRect(right, top + 1, width - right, height - 1);
  context.strokeStyle = palette.accent;
  context.strokeRect(Math.max(0.5, left + 0.5), top + 1.5, Math.max(2, right - left - 1), height - 3);
  if (recording === state.active && state.moment !== undefined) {
    context.fillStyle = palette.bad;
    context.fillRect(xOf(state.moment[state.axis], whole, width), top + 1, 1, height - 2);
  }
}

/** Up to there it is its parent. */
function fork(context: CanvasRenderingContext2D, palette: Palette, x: number, { top, height }: Lane): void {
  context.strokeStyle = palette.bad;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(0, top + height / 2 + 0.5);
  context.lineTo(x, top + height / 2 + 0.5);
  context.stroke();
  context.setLineDash([]);
  context.beginPath();
  context.arc(x, top + height / 2, 3.5, 0, 2 * Math.PI);
  context.fillStyle = palette.back;
  context.fill();
  context.stroke();
}

interface Bars {
  readonly x: Float64Array;
  readonly widths: Float64Array;
  readonly counts: Float64Array;
  readonly length: number;
  readonly most: number;
  readonly total: number;
}

export function barsOf(
  pieces: readonly Piece[],
  window: Window,
  width: number,
  isWanted: (series: Series) => boolean,
): Bars {
  const size = pieces.reduce((sum, { tile }) => sum + (tile.density.series[0]?.counts.length ?? 0), 0);
  const [x, widths, counts] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  let length = 0;
  let most = 0;
  let total = 0;
  for (const { tile, from, until } of pieces) {
    const wanted = tile.density.series.filter(isWanted);
    const first = Math.max(0, Math.floor((Math.max(from, window.from) - tile.from) / tile.size));
    const end = Math.ceil((Math.min(until, window.until) - tile.from) / tile.size);
    for (let bucket = first; bucket < end; bucket += 1) {
      let count = 0;
      for (const { counts: all } of wanted) count += all[bucket] ?? 0;
      if (count === 0) continue;
      x[length] = xOf(tile.from + bucket * tile.size, window, width);
      widths[length] = (tile.size / spanOf(window)) * width;
      counts[length] = count;
      length += 1;
      total += count;
      most = Math.max(most, count);
    }
  }
  return { x, widths, counts, length, most, total };
}

function drawBars(context: CanvasRenderingContext2D, bars: Bars, top: number, height: number, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  const scale = height / Math.log2(bars.most + 1);
  for (let index = 0; index < bars.length; index += 1) {
    // A single one among thousands must be seen, too.
    const bar = Math.max(4, Math.log2(bars.counts[index]! + 1) * scale);
    context.rect(bars.x[index]!, top + height - bar, Math.max(1.5, bars.widths[index]! - 0.5), bar);
  }
  context.fill();
}

function density(
  painting: Painting,
  { recording, summary, isOf, colour, labels, top, height }: Lane & { kind: "density" },
): void {
  const { context, state, width, tiles, palette, laneRows } = painting;
  const pieces = tiles.pieces(summary, state.axis, state.window, width);
  const bars = barsOf(pieces, state.window, width, isOf);
  if (labels !== undefined && bars.total > 0 && hasFew(pieces, state.window, width, labels)) {
    const { rows } = laneRows.rows(recording, labels, state.axis, state.window);
    const mine = ofLane(rows, isOf);
    if (mine.length > 0) {
      ticks(painting, mine, colourOfLane(colour, palette), { top, height });
      return;
    }
  }
  drawBars(context, bars, top + 3, height - 5, colourOfLane(colour, palette));
  if (isOfSurvey(colour)) unsurveyed(painting, summary, { top, height });
}

/** What only a replay tells: where it has not come yet, nothing is seen, and that is not nothing. */
function unsurveyed(
  { context, state, width, palette }: Painting,
  { recording, start, end }: Summary,
  { top, height }: Place,
): void {
  const share = state.surveyed[recording] ?? 0;
  // How far in time it is, it does not tell.
  if (share >= 1 || state.axis !== "icount") return;
  const from = Math.max(0, xOf(start.icount + share * (end.icount - start.icount), state.window, width));
  const until = Math.min(width, xOf(end.icount, state.window, width));
  if (until <= from) return;
  context.fillStyle = palette.veil;
  context.fillRect(from, top + 1, until - from, height - 1);
  label(context, "not surveyed yet", from + TEXT_GAP, until, palette.quiet, { top, height });
}

const isOfSurvey = (colour: LaneKind): boolean => colour === "console" || colour === "interrupt" || colour === "trap";

/** Of all rows of that kind: they are asked for together. */
function hasFew(pieces: readonly Piece[], window: Window, width: number, labels: RowKind): boolean {
  const isWanted = labels === "output" ? ({ kind }: Series): boolean => kind === "console" : isEvent;
  return barsOf(pieces, window, width, isWanted).total <= MAX_LABELS;
}

const isEvent = ({ kind }: Series): boolean => kind === "input" || kind === "predicted";

/** A row's name is its series'. */
export const ofLane = (rows: readonly PageRow[], isOf: (series: Series) => boolean): readonly PageRow[] =>
  rows.filter(({ name, kind }) => kind === "output" || isOf({ name, kind: "input" }));

type Place = Pick<Lane, "top" | "height">;

function ticks(painting: Painting, rows: readonly PageRow[], colour: string, { top, height }: Place): void {
  const { context, state, width, palette } = painting;
  const { axis, window } = state;
  const shown = rows
    .filter((row) => row[axis] >= window.from && row[axis] <= window.until)
    // What ends a run is at its very edge, and seen.
    .map((row) => ({ x: Math.min(xOf(row[axis], window, width), width - 1), text: row.text }));
  context.fillStyle = colour;
  for (const { x } of shown) context.fillRect(Math.round(x) - 1, top + 3, 2, height - 5);
  for (const { text, from, until } of labelsOf(shown, width, LETTER))
    label(context, text, from, until, palette.text, { top, height });
}

/** As much of it as there is room for. */
function label(
  context: CanvasRenderingContext2D,
  text: string,
  from: number,
  until: number,
  colour: string,
  { top, height }: Place,
): void {
  const letters = Math.floor((until - Math.max(from, 2) - 4) / LETTER);
  if (letters < 2) return;
  context.fillStyle = colour;
  context.fillText(
    text.length > letters ? `${text.slice(0, letters - 1)}…` : text,
    Math.max(from, 2),
    top + height / 2 + 1,
  );
}

/** Rows that last until the next one, as a task does; or ticks. */
function spans(painting: Painting, { recording, rows: kind, top, height }: Lane & { kind: "rows" }): void {
  const { context, state, width, laneRows, palette } = painting;
  const { axis, window } = state;
  const lane = laneRows.rows(recording, kind, axis, window);
  const { rows } = lane;
  if (kind !== "tasks") ticks(painting, rows, colourOfLane("interrupt", palette), { top, height });
  else
    for (const [index, row] of rows.entries()) {
      const next = rows[index + 1];
      const left = Math.max(0, xOf(row[axis], window, width));
      // Of the last one that was asked for, nobody knows how long it lasts.
      const end = lane.status === "more" ? left : width;
      const right = Math.min(width, next === undefined ? end : xOf(next[axis], window, width));
      if (right < 0 || left > width) continue;
      context.fillStyle = nameColour(row.name, palette.isDark);
      context.fillRect(left, top + 2, Math.max(1, right - left - 0.5), height - 3);
      label(context, row.name, left + 3, right, palette.text, { top, height });
    }
  const words = wordsOf(lane);
  const last = rows.at(-1);
  const from = lane.status === "more" && last !== undefined ? xOf(last[axis], window, width) : 0;
  if (words !== "") label(context, words, Math.max(0, from) + 6, width, palette.quiet, { top, height });
}

function wordsOf({ status, share, failure, rows }: LaneRows): string {
  switch (status) {
    case "too long":
      return "Zoom in: this is computed for 200 M instructions at most.";
    case "waiting":
    case "running":
      return rows.length > 0 ? "" : `computing… ${String(Math.round(share * 100))} %`;
    case "failed":
      return failure ?? "It could not be computed.";
    case "more":
      return `only the first ${counted(rows.length)} are shown: zoom in`;
    case "done":
      return rows.length === 0 ? "none in view" : "";
  }
}

function marks({ context, state, width, palette }: Painting, { answer, top, height }: Lane & { kind: "marks" }): void {
  const { axis, window } = state;
  context.fillStyle = markOf(answer.id, palette.isDark);
  const middle = top + height / 2 + 1;
  for (const row of answer.rows) {
    const at = row[axis];
    if (at === null || at < window.from || at > window.until) continue;
    const x = xOf(at, window, width);
    context.beginPath();
    context.moveTo(x, middle - 6);
    context.lineTo(x + 5, middle);
    context.lineTo(x, middle + 6);
    context.lineTo(x - 5, middle);
    context.fill();
  }
}

/** Where two recordings are no longer the same. */
function partings({ context, height, palette }: Painting, signs: readonly Sign[]): void {
  for (const { x, left, text } of signs) {
    context.strokeStyle = palette.bad;
    context.setLineDash([4, 4]);
    context.beginPath();
    context.moveTo(x, LANE_HEIGHT);
    context.lineTo(x, height);
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = palette.bad;
    context.fillText(text, left, LANE_HEIGHT / 2);
  }
}

function cursor({ context, state, width, height, palette, hoverX }: Painting): void {
  if (hoverX !== undefined) {
    context.fillStyle = palette.quiet;
    context.fillRect(hoverX, LANE_HEIGHT, 1, height);
  }
  const { moment, window, axis } = state;
  if (moment === undefined || cursorOf(state) === undefined) return;
  const at = moment[axis];
  if (at < window.from || at > window.until) return;
  const x = Math.min(width - 1, Math.round(xOf(at, window, width)));
  context.fillStyle = palette.bad;
  context.globalAlpha = state.isLooking ? 0.5 : 1;
  context.fillRect(x, 0, 1, height);
  context.beginPath();
  context.moveTo(x - 5, 0);
  context.lineTo(x + 6, 0);
  context.lineTo(x + 0.5, 8);
  context.fill();
  context.globalAlpha = 1;
}
