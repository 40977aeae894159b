/** What keys do: the same table makes them work and is the sheet of help. */
import type { StepKind } from "../../protocol.js";
import type { Action } from "./actions.js";
import { moved, spanOf, zoomed } from "./scale.js";
import { activeOf, lengthOf, SCHEMES, TABS, type State } from "./state.js";

export interface Key {
  /** As `KeyboardEvent.key` has them. */
  readonly keys: readonly string[];
  readonly means: string;
  readonly group: "Step" | "Go" | "Timeline" | "Page";
  readonly does: (state: State) => Action | Wish | undefined;
}

/** What only the page itself can do. */
export type Wish = { readonly type: "focus"; readonly what: "position" | "ask" };

const ZOOM = 1.6;
const PAN = 0.2;

const step = (kind: StepKind, direction: "forward" | "back") => (): Action => ({ type: "stepped", kind, direction });

const steps = (keys: readonly [string, string], kind: StepKind, what: string): Key[] => [
  { keys: [keys[0]], group: "Step", means: `${what} forward`, does: step(kind, "forward") },
  { keys: [keys[1]], group: "Step", means: `${what} back`, does: step(kind, "back") },
];

const zoom =
  (factor: number) =>
  (state: State): Action => {
    const { window, moment, axis } = state;
    const at = moment?.[axis];
    const isInView = at !== undefined && at >= window.from && at <= window.until;
    const around = isInView ? at : (window.from + window.until) / 2;
    return { type: "windowMoved", window: zoomed(window, factor, around, lengthOf(state)) };
  };

const pan =
  (share: number) =>
  (state: State): Action => ({
    type: "windowMoved",
    window: moved(state.window, share * spanOf(state.window), lengthOf(state)),
  });

/** Marks are the rows of the answer that is looked at. */
const mark =
  (direction: 1 | -1) =>
  (state: State): Action | undefined => {
    const { answers, answer, moment } = state;
    const shown = answers.find(({ id }) => id === answer);
    if (shown === undefined || moment === undefined) return undefined;
    const isBeyond = (row: { icount: number; seq: number }): boolean =>
      Math.sign(row.icount - moment.icount || row.seq - moment.seq) === direction;
    const inOrder = [...shown.rows].sort((one, other) => one.icount - other.icount || one.seq - other.seq);
    const found = direction === 1 ? inOrder.find(isBeyond) : inOrder.findLast(isBeyond);
    return found && { type: "wentTo", where: { seq: found.seq, icount: found.icount }, recording: shown.recording };
  };

export const KEYS: readonly Key[] = [
  ...steps(["ArrowRight", "ArrowLeft"], "instruction", "an instruction"),
  ...steps(["n", "N"], "line", "a line, over calls,"),
  ...steps(["s", "S"], "into", "a line, into calls,"),
  ...steps(["f", "F"], "out", "to where this function is left,"),
  ...steps(["c", "C"], "call", "a call"),
  ...steps(["e", "E"], "event", "an event"),
  ...steps(["o", "O"], "output", "a console line"),
  { keys: ["Home"], group: "Go", means: "the beginning", does: () => ({ type: "wentTo", where: { icount: 0 } }) },
  { keys: ["End"], group: "Go", means: "the end", does: (state) => toEnd(state) },
  { keys: ["."], group: "Go", means: "the next mark", does: mark(1) },
  { keys: [","], group: "Go", means: "the mark before", does: mark(-1) },
  { keys: ["g"], group: "Go", means: "type a position", does: () => ({ type: "focus", what: "position" }) },
  { keys: ["/"], group: "Go", means: "ask a question", does: () => ({ type: "focus", what: "ask" }) },
  { keys: ["+", "="], group: "Timeline", means: "nearer", does: zoom(1 / ZOOM) },
  { keys: ["-"], group: "Timeline", means: "farther", does: zoom(ZOOM) },
  { keys: ["a"], group: "Timeline", means: "to the left", does: pan(-PAN) },
  { keys: ["d"], group: "Timeline", means: "to the right", does: pan(PAN) },
  {
    ...{ keys: ["0"], group: "Timeline", means: "the whole run" },
    does: (state) => ({ type: "windowMoved", window: { from: 0, until: lengthOf(state) } }),
  },
  {
    ...{ keys: ["x"], group: "Timeline", means: "by instructions, or by the guest's time" },
    does: ({ axis }) => ({ type: "axisChosen", axis: axis === "ns" ? "icount" : "ns" }),
  },
  ...TABS.map((tab, index): Key => ({
    ...{ keys: [String(index + 1)], group: "Page", means: tab },
    does: () => ({ type: "tabChosen", tab }),
  })),
  {
    ...{ keys: ["t"], group: "Page", means: "light, dark, or as the system" },
    does: ({ scheme }) => ({ type: "schemeChosen", scheme: nextScheme(scheme) }),
  },
  {
    keys: ["Escape"],
    group: "Page",
    means: "end what is computed, close a message",
    does: () => ({ type: "cancelled" }),
  },
  {
    ...{ keys: ["?"], group: "Page", means: "this sheet" },
    does: ({ isHelped }) => ({ type: "helpToggled", isHelped: !isHelped }),
  },
];

export const nextScheme = (scheme: State["scheme"]): State["scheme"] =>
  SCHEMES[(SCHEMES.indexOf(scheme) + 1) % SCHEMES.length]!;

export function toEnd(state: State): Action | undefined {
  const summary = activeOf(state);
  if (summary === undefined) return undefined;
  const { seq, icount } = summary.end;
  return summary.isLive ? { type: "followed" } : { type: "wentTo", where: { seq, icount } };
}
