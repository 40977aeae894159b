/** The run as a picture: heads of lanes beside a canvas. Drawn at most once a frame, and only where something changed. */
import { button, fill, h } from "../parts/dom.js";
import { colourOf, colourOfLane, paletteOf, type Palette } from "../parts/colours.js";
import { counted, time } from "../model/numbers.js";
import { icountAt, xOf } from "../model/scale.js";
import { lengthOf, type State } from "../model/state.js";
import type { Store } from "../model/store.js";
import type { Action } from "../model/actions.js";
import type { PageRow, WhenceRow, Where } from "../../protocol.js";
import type { Asker } from "../work/asker.js";
import { rowsOfLanes, type RowsOfLanes } from "../work/lane-rows.js";
import { tilesOf, type Tiles } from "../work/tiles.js";
import { connectGestures } from "./gestures.js";
import { COMPUTED_NAMES, heightOf, laneAt, laneName, lanesOf, type Lane } from "./lanes.js";
import { ofLane, paint } from "./paint.js";

/** Pixels: so near a mark or a row is meant. */
const NEAR = 6;

type PageStore = Store<State, Action>;

export function timelineView(store: PageStore, asker: Asker): HTMLElement {
  const canvas = h("canvas", {
    role: "img",
    "aria-label": "Timeline of the run. The same rows are in the table, under Rows.",
  });
  const heads = h("div", { class: "heads" });
  const tip = h("div", { class: "tip", hidden: true });
  const root = h("section", { class: "timeline", "aria-label": "Timeline", tabindex: 0 }, heads, canvas, tip);
  const came = (): void => store.dispatch({ type: "timelineCame" });
  const work = { tiles: tilesOf(asker, came), laneRows: rowsOfLanes(asker, came) };
  const picture = pictureOf(canvas, store, work);
  const toRow = (lane: Lane | undefined, x: number): PageRow | WhenceRow | undefined =>
    lane && nearest(store.state, rowsIn(lane, work.laneRows), x, canvas.clientWidth);
  connectGestures(canvas, store, {
    isOverview: (y) => laneAt(picture.lanes(), y)?.kind === "overview",
    click: (x, y) =>
      click(store, laneAt(picture.lanes(), y), toRow(laneAt(picture.lanes(), y), x), x, canvas.clientWidth),
    hover(x, y) {
      picture.hover(x);
      const lane = x === undefined ? undefined : laneAt(picture.lanes(), y);
      tip.hidden = lane === undefined;
      if (lane === undefined || x === undefined) return;
      tip.textContent = tipOf(store.state, toRow(lane, x), lane, x, canvas.clientWidth);
      const { left, top } = canvas.getBoundingClientRect();
      const isLeft = x < canvas.clientWidth / 2;
      tip.style.left = isLeft ? `${String(left + x + 12)}px` : "";
      tip.style.right = isLeft ? "" : `${String(document.documentElement.clientWidth - left - x + 12)}px`;
      tip.style.top = `${String(top + y + 14)}px`;
    },
  });
  store.view(
    // A run that grows has the heads that it had.
    ({ open, folded, active, scheme, axis }) => [namesOf(picture.lanes()), open, folded, active, scheme, axis] as const,
    () => fill(heads, ...picture.lanes().map((lane) => headOf(store, lane, picture.palette()))),
  );
  store.listen((action, state, before) => {
    if (action.type === "surveyed") {
      work.tiles.refresh(action.recording);
      work.laneRows.refresh(action.recording, "output");
    }
    if (action.type === "grown") {
      work.tiles.refresh(action.summary.recording);
      work.laneRows.refresh(action.summary.recording);
    }
    if (action.type !== "laneToggled" || !before.open.has(action.lane) || state.open.has(action.lane)) return;
    const lane = lanesOf(before).find(({ key }) => key === action.lane);
    if (lane?.kind === "rows") work.laneRows.close(lane.recording, lane.rows);
  });
  return root;
}

const namesOf = (lanes: readonly Lane[]): string => lanes.map(({ key, title }) => `${key} ${title}`).join("\n");

interface Picture {
  readonly lanes: () => readonly Lane[];
  readonly palette: () => Palette;
  readonly hover: (x: number | undefined) => void;
}

function pictureOf(
  canvas: HTMLCanvasElement,
  store: PageStore,
  work: { tiles: Tiles; laneRows: RowsOfLanes },
): Picture {
  const context = canvas.getContext("2d", { alpha: false });
  let hoverX: number | undefined;
  let isAsked = false;
  let made: { readonly of: readonly unknown[]; readonly lanes: readonly Lane[] } | undefined;
  const lanes = (): readonly Lane[] => {
    const { recordings, answers, open, folded } = store.state;
    const of = [recordings, answers, open, folded];
    if (made === undefined || of.some((one, index) => one !== made?.of[index]))
      made = { of, lanes: lanesOf(store.state) };
    return made.lanes;
  };
  const palette = (): Palette => paletteOf(store.state.scheme);
  const draw = (): void => {
    isAsked = false;
    if (context === null || store.state.phase !== "ready") return;
    const [width, height] = [canvas.clientWidth, heightOf(lanes())];
    const ratio = devicePixelRatio;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== wide || canvas.height !== high) {
      [canvas.width, canvas.height] = [wide, high];
      canvas.style.height = `${String(height)}px`;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint({ context, width, height, state: store.state, lanes: lanes(), palette: palette(), hoverX, ...work });
  };
  const ask = (): void => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(draw);
  };
  store.view(drawn, () => ask());
  new ResizeObserver(ask).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ask);
  return {
    lanes,
    palette,
    hover(x) {
      if (x === hoverX) return;
      hoverX = x;
      ask();
    },
  };
}

/** All that the picture is made of. */
const drawn = (state: State): readonly unknown[] => [
  ...[state.recordings, state.window, state.moment, state.isLooking, state.answers, state.open, state.folded],
  ...[state.active, state.drawn, state.scheme, state.axis, state.phase],
];

function headOf(store: PageStore, lane: Lane, palette: Palette): HTMLElement {
  const { title } = lane;
  switch (lane.kind) {
    case "ruler":
      return axisHead(store);
    case "overview":
      return overviewHead(store, lane);
    case "density":
      return h("div", { title }, swatch(colourOfLane(lane.colour, palette)), h("span", { class: "name" }, title));
    case "rows":
      return h(
        "div",
        {},
        h("span", { class: "name" }, title),
        button(`Close ${title}`, () => store.dispatch({ type: "laneToggled", lane: lane.key }), { label: "×" }),
      );
    case "marks":
      return h(
        "div",
        { title },
        button(title, () => store.dispatch({ type: "answerChosen", id: lane.answer.id }), {
          class: "lane-button",
          label: h("span", {}, h("span", { style: `color: ${colourOf(lane.answer.id)}` }, "◆ "), title),
        }),
        button(`Close ${title}`, () => store.dispatch({ type: "answerClosed", id: lane.answer.id }), { label: "×" }),
      );
    case "more":
      return h(
        "div",
        { class: "more" },
        ...lane.closed.map((kind) =>
          button(
            `Show ${COMPUTED_NAMES[kind]}`,
            () => store.dispatch({ type: "laneToggled", lane: laneName(lane.recording, kind) }),
            { label: `+ ${COMPUTED_NAMES[kind]}`, "data-key": `open ${laneName(lane.recording, kind)}` },
          ),
        ),
      );
  }
}

function axisHead({ state: { axis }, dispatch }: PageStore): HTMLElement {
  const [is, other] = axis === "ns" ? ["guest's time", "instructions"] : ["instructions", "guest's time"];
  const choose = (): void => dispatch({ type: "axisChosen", axis: axis === "ns" ? "icount" : "ns" });
  return h(
    "div",
    { class: "axis" },
    button(`${is}: show ${other}`, choose, { key: "x", label: `${is} ⇄`, class: "lane-button", "data-key": "axis" }),
  );
}

function overviewHead(store: PageStore, { recording, summary, title }: Lane & { kind: "overview" }): HTMLElement {
  const { state, dispatch } = store;
  const isFolded = state.folded.has(recording);
  const from = summary.parent === null ? "" : `, branch of ${summary.parent.name}`;
  const go = (): void => {
    const { active, recordings } = store.state;
    if (active !== recording)
      dispatch({ type: "wentTo", where: positionOf(recordings[recording] ?? summary), recording, reveal: false });
  };
  return h(
    "div",
    { class: "recording tall", title: `${title}${from}` },
    button(`Lanes of ${title}`, () => dispatch({ type: "recordingFolded", recording }), {
      label: isFolded ? "▸" : "▾",
      "aria-expanded": String(!isFolded),
    }),
    button(`Look at ${title}`, go, {
      class: "lane-button",
      label: `${title}${from}`,
      "aria-pressed": String(state.active === recording),
    }),
  );
}

const positionOf = ({ end }: { readonly end: { readonly seq: number; readonly icount: number } }): Where => ({
  seq: end.seq,
  icount: end.icount,
});

const swatch = (colour: string): HTMLElement => h("span", { class: "swatch", style: `background: ${colour}` });

function rowsIn(lane: Lane, laneRows: RowsOfLanes): readonly (PageRow | WhenceRow)[] {
  if (lane.kind === "marks") return lane.answer.rows;
  if (lane.kind === "rows") return laneRows.known(lane.recording, lane.rows);
  if (lane.kind !== "density" || lane.labels === undefined) return [];
  const rows = laneRows.known(lane.recording, lane.labels);
  return ofLane(rows, lane.isOf);
}

function nearest(
  { axis, window }: State,
  rows: readonly (PageRow | WhenceRow)[],
  x: number,
  width: number,
): PageRow | WhenceRow | undefined {
  const away = (row: PageRow | WhenceRow): number => {
    const at = row[axis];
    return at === null ? Infinity : Math.abs(xOf(at, window, width) - x);
  };
  const near = rows.filter((row) => away(row) <= NEAR);
  return near.reduce<PageRow | WhenceRow | undefined>(
    (best, row) => (best === undefined || away(row) < away(best) ? row : best),
    undefined,
  );
}

function click(
  store: PageStore,
  lane: Lane | undefined,
  row: PageRow | WhenceRow | undefined,
  x: number,
  width: number,
): void {
  const { state } = store;
  if (lane === undefined || lane.kind === "more") return;
  const recording = "recording" in lane ? lane.recording : state.active;
  const isWhole = lane.kind === "overview";
  const window = isWhole ? { from: 0, until: lengthOf(state) } : state.window;
  const end = state.recordings[recording]?.end[state.axis] ?? 0;
  const at = Math.min(end, Math.max(0, Math.round(icountAt(x, window, width))));
  const where: Where =
    row === undefined ? (state.axis === "ns" ? { ns: at } : { icount: at }) : { seq: row.seq, icount: row.icount };
  store.dispatch({ type: "wentTo", where, recording });
}

function tipOf(state: State, row: PageRow | WhenceRow | undefined, lane: Lane, x: number, width: number): string {
  const window = lane.kind === "overview" ? { from: 0, until: lengthOf(state) } : state.window;
  const at = icountAt(x, window, width);
  const place = state.axis === "ns" ? time(Math.round(at)) : counted(at);
  return row === undefined ? place : `${counted(row.icount)}  ${row.text}`;
}
