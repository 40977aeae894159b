/** What the timeline shows, as a table: for keys, and for those who do not see the picture. */
import type { RowKind } from "../../protocol.js";
import { fill, h } from "../parts/dom.js";
import { counted, time } from "../model/numbers.js";
import { goButton } from "./answers.js";
import { empty, table, type PageStore } from "./pane.js";
import { ROW_KINDS } from "../model/query-kinds.js";

const inTime = (ns: number): string => time(Math.round(ns));

export function rowsPane(store: PageStore, body: HTMLElement): () => void {
  const kind = h(
    "select",
    {
      "aria-label": "Rows of",
      onchange: () => store.dispatch({ type: "rowsKindChosen", kind: kind.value as RowKind }),
    },
    ...ROW_KINDS.map(({ kind: value, words }) => h("option", { value }, words)),
  );
  const note = h("span", { class: "quiet", role: "status" });
  const head = h("div", { class: "form" }, kind, note);
  const rows = h("div");
  return () => {
    const { rowsKind, rowsInView, active, window, axis } = store.state;
    if (head.parentElement !== body) body.replaceChildren(head, rows);
    kind.value = rowsKind;
    if (rowsInView === undefined) {
      fill(rows, empty("On their way."));
      return;
    }
    const { rows: found, hasMore, isRunning } = rowsInView;
    const [from, until] = [window.from, window.until].map(axis === "ns" ? inTime : counted);
    const count = `${hasMore ? "the first " : ""}${counted(found.length)}`;
    note.textContent = `${count} from ${from ?? ""} to ${until ?? ""}${isRunning ? "…" : ""}`;
    if (found.length === 0) {
      fill(rows, empty(isRunning ? "Being looked for…" : "None in view. Zoom out (-), or show the whole run (0)."));
      return;
    }
    const lines = found.map((row) =>
      h(
        "tr",
        {},
        h("td", { class: "number" }, goButton(store, active, row)),
        h("td", { class: "words" }, row.name),
        h("td", { class: "wrap" }, row.text),
      ),
    );
    fill(rows, table("Rows in view", ["instruction", "name", "what"], lines));
  };
}
