/** What the panes have in common. */
import type { Action } from "../model/actions.js";
import { button, h, type Child } from "../parts/dom.js";
import type { State } from "../model/state.js";
import type { Store } from "../model/store.js";
import { whereFrom, whoWrote } from "../model/asking.js";

export type PageStore = Store<State, Action>;

export interface Pane {
  readonly root: HTMLElement;
  /** What is drawn anew. */
  readonly body: HTMLElement;
}

/** A region with a heading; `tools` stand beside that. */
export function pane(name: string, classes: string, body: HTMLElement, ...tools: readonly Child[]): Pane {
  const root = h(
    "section",
    { class: `pane ${classes}`, "aria-label": name },
    h("header", {}, h("h2", {}, name), ...tools),
    body,
  );
  return { root, body };
}

/** Can be scrolled by keys, too. */
export const scroller = (name: string, classes = ""): HTMLElement =>
  h("div", { class: `scroll ${classes}`, tabindex: 0, role: "region", "aria-label": name });

export const empty = (text: string, ...more: readonly Child[]): HTMLElement =>
  h("p", { class: "empty" }, text, ...more);

/** In place of a moment that is not there: what becomes of it, or what to do. */
export const noMoment = ({ phase, isLooking }: State): HTMLElement => empty(whyNoMoment(phase, isLooking));

function whyNoMoment(phase: State["phase"], isLooking: boolean): string {
  if (phase === "failed") return "Nothing is open: the message says why.";
  if (phase === "opening" || isLooking) return "The replay is on its way there…";
  return "No moment is shown. Click on the timeline, or type a position above.";
}

export function table(caption: string, columns: readonly string[], rows: readonly HTMLElement[]): HTMLElement {
  return h(
    "table",
    { class: "data" },
    h("caption", { class: "visually-hidden" }, caption),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ...columns.map((name) =>
          h("th", { scope: "col" }, name === "" ? h("span", { class: "visually-hidden" }, "ask") : name),
        ),
      ),
    ),
    h("tbody", {}, ...rows),
  );
}

/** The two questions that a value can be asked. Registers have no list of writes: the first step back is who wrote it. */
export function askButtons(store: PageStore, of: string, questions: { readonly writes: boolean }): HTMLElement {
  return h(
    "td",
    { class: "ask" },
    questions.writes &&
      button(`Who wrote ${of}?`, () => store.dispatch(whoWrote(store.state, of)), { label: "writes", class: "ask" }),
    button(
      questions.writes ? `Where does ${of} come from?` : `Who wrote ${of}, and where does it come from?`,
      () => {
        const asked = whereFrom(store.state, of);
        if (asked !== undefined) store.dispatch(asked);
      },
      { label: "from", class: "ask" },
    ),
  );
}
