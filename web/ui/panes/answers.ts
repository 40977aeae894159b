/** Questions and what they found: a list to click, and marks on the timeline. */
import { QUERY_KINDS } from "../model/query-kinds.js";
import type { PageRow, QueryKind, WhenceRow } from "../../protocol.js";
import { button, fill, h } from "../parts/dom.js";
import { counted } from "../model/numbers.js";
import { cursorOf, isQueryRow, type Answered, type State } from "../model/state.js";
import { whereFrom } from "../model/asking.js";
import { colourOf } from "../parts/colours.js";
import { empty, pane, scroller, table, type PageStore } from "./pane.js";

export interface AnswersPane {
  readonly root: HTMLElement;
  readonly focusAsk: () => void;
}

export function answersPane(store: PageStore): AnswersPane {
  const body = scroller("Answers");
  const chosen = h("div", { class: "tabs", role: "group", "aria-label": "Questions" });
  const { form, focus } = askForm(store);
  const filter = h("input", {
    ...{ "aria-label": "Only answers with", placeholder: "only with…", spellcheck: "false", size: 12 },
    oninput: () => drawAnswer(store, body, filter.value),
  });
  const { root } = pane("Ask", "answers", body, form, chosen, h("span", { class: "spring" }), filter);
  store.view(
    ({ answers, answer }) => [answers, answer] as const,
    () => {
      const { state } = store;
      filter.hidden = body.hidden = state.answers.length === 0;
      fill(chosen, ...state.answers.map((one) => chip(store, one)));
      drawAnswer(store, body, filter.value);
    },
  );
  store.view(
    ({ moment }) => moment,
    () => markHere(store.state, body),
  );
  return { root, focusAsk: focus };
}

function askForm(store: PageStore): { readonly form: HTMLElement; readonly focus: () => void } {
  const kind = h(
    "select",
    { "aria-label": "Question" },
    ...QUERY_KINDS.map(({ kind: value, words }) => h("option", { value }, words)),
    h("option", { value: "whence" }, "where from"),
  );
  const of = h("input", { "aria-label": "Of what", placeholder: "link.count", spellcheck: "false" });
  const ask = (event: Event): void => {
    event.preventDefault();
    const about = of.value.trim();
    const title = `${kind.selectedOptions[0]?.textContent ?? ""} ${about}`.trim();
    if (kind.value === "whence") {
      const asked = whereFrom(store.state, about);
      if (about !== "" && asked !== undefined) store.dispatch(asked);
      return;
    }
    const question = { kind: kind.value as QueryKind, of: about, until: undefined };
    store.dispatch({ type: "asked", question, title });
  };
  const form = h("form", { class: "form", onsubmit: ask }, kind, of, h("button", { type: "submit" }, "Ask"));
  return { form, focus: () => of.focus() };
}

function chip(store: PageStore, { id, title, rows, status }: Answered): HTMLElement {
  const isChosen = store.state.answer === id;
  const count =
    status === "failed" ? "!" : `${counted(rows.length)}${status === "running" ? "…" : status === "more" ? "+" : ""}`;
  return h(
    "span",
    { class: "group" },
    button(`${title} ${count}`, () => store.dispatch({ type: "answerChosen", id }), {
      ...{ "aria-pressed": String(isChosen), "data-key": `answer ${String(id)}` },
      label: h(
        "span",
        {},
        h("span", { style: `color: ${colourOf(id)}` }, "◆ "),
        h("bdi", {}, title),
        h("span", { class: "quiet" }, ` ${count}`),
      ),
    }),
    button(`Close ${title}`, () => store.dispatch({ type: "answerClosed", id }), { label: "×" }),
  );
}

function drawAnswer(store: PageStore, body: HTMLElement, filter: string): void {
  const one = store.state.answers.find(({ id }) => id === store.state.answer);
  if (one === undefined) {
    fill(body);
    return;
  }
  const { rows, failure, title } = one;
  if (failure !== undefined) {
    fill(body, empty(failure));
    return;
  }
  if (rows.length === 0) {
    fill(body, empty(whyNone(one)));
    return;
  }
  const shown = rows.filter((row) => textOf(row).includes(filter));
  if (shown.length === 0) {
    fill(body, empty(`None of ${counted(rows.length)} answers has “${filter}” in it.`));
    return;
  }
  const lines = shown.map((row) => (isQueryRow(row) ? foundRow(store, one, row) : whenceRow(store, one, row)));
  const columns = isQueryRow(rows[0]!)
    ? ["instruction", "where", "what", ""]
    : ["instruction", "value and who made it"];
  fill(body, table(title, columns, lines));
  markHere(store.state, body);
}

function whyNone({ status, question }: Answered): string {
  if (status === "running") return "Being looked for…";
  if (status === "more") return "It was ended before anything was found. Ask again to look on.";
  const isBefore = question.kind !== "whence" && question.until !== undefined;
  return isBefore ? "Nothing was found before this moment." : "Nothing was found in the whole run.";
}

const textOf = (row: PageRow | WhenceRow): string =>
  isQueryRow(row) ? `${row.function ?? ""} ${row.line ?? ""} ${row.text}` : row.text;

/** Of a thousand rows, one is where the panes are: the others stay as they are. */
function markHere(state: State, body: HTMLElement): void {
  const cursor = cursorOf(state);
  const shown = state.answers.find(({ id }) => id === state.answer);
  body.querySelector("tr.here")?.classList.remove("here");
  if (cursor === undefined || shown?.recording !== state.active) return;
  const here = body.querySelector(`tr[data-at="${placeOf(cursor)}"]`);
  here?.classList.add("here");
  here?.scrollIntoView({ block: "nearest" });
}

const placeOf = ({ seq, icount }: { readonly seq: number; readonly icount: number }): string =>
  `${String(seq)}:${String(icount)}`;

function foundRow(store: PageStore, { recording }: Answered, row: PageRow): HTMLElement {
  const place = [row.function, row.line].filter((word) => word !== null).join("  ");
  return h(
    "tr",
    { "data-at": placeOf(row) },
    h("td", { class: "number" }, goButton(store, recording, row)),
    h("td", {}, place),
    h("td", { class: "wrap" }, row.text),
  );
}

function whenceRow(store: PageStore, { recording }: Answered, row: WhenceRow): HTMLElement {
  const { depth, text, end } = row;
  return h(
    "tr",
    { "data-at": placeOf(row) },
    h("td", { class: "number" }, goButton(store, recording, row)),
    h(
      "td",
      { class: "wrap", style: `padding-left: calc(8px + ${String(depth)} * 1.5ch)` },
      text,
      end !== null && h("span", { class: "quiet" }, `  (${end})`),
    ),
  );
}

/** Leads to the moment of a row. */
export const goButton = (
  store: PageStore,
  recording: number,
  row: { readonly seq: number; readonly icount: number },
): HTMLElement =>
  button(
    `Go to ${counted(row.icount)}`,
    () => store.dispatch({ type: "wentTo", where: { seq: row.seq, icount: row.icount }, recording }),
    { label: counted(row.icount), class: "link", "data-key": `go ${String(row.seq)} ${String(row.icount)}` },
  );
