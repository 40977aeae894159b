/** Variables of the frame that is chosen, and those of the program. */
import type { VariableRow } from "../../protocol.js";
import { fill, h } from "../parts/dom.js";
import { askButtons, empty, noMoment, table, type PageStore } from "./pane.js";
import { toMemory } from "./registers.js";

const INDENT = 2;

export function drawVariables(store: PageStore, body: HTMLElement): void {
  const { moment } = store.state;
  if (moment === undefined) {
    fill(body, noMoment(store.state));
    return;
  }
  const { variables, globals } = moment;
  if (variables.length === 0 && globals.length === 0) {
    fill(body, empty("No variables are known here. A program's own ELF file, with -g, has their names."));
    return;
  }
  fill(
    body,
    variables.length > 0 && table("Variables of the function", ["variable", "value", ""], rowsOf(store, variables, 0)),
    globals.length > 0 && table("Variables of the program", ["global", "value", ""], rowsOf(store, globals, 0)),
  );
}

function rowsOf(store: PageStore, rows: readonly VariableRow[], depth: number): HTMLElement[] {
  return rows.flatMap((row) => [variableRow(store, row, depth), ...rowsOf(store, row.parts, depth + 1)]);
}

function variableRow(store: PageStore, row: VariableRow, depth: number): HTMLElement {
  const { name, type, text, isChanged, parts, place } = row;
  return h(
    "tr",
    {},
    h(
      "th",
      { scope: "row", title: type ?? undefined, style: `padding-left: calc(8px + ${String(depth * INDENT)}ch)` },
      place === null ? name : toMemory(store, place, name),
    ),
    h(
      "td",
      { class: "wrap" },
      // What its parts say is not said twice.
      parts.length === 0
        ? h("span", { class: isChanged && "changed" }, text)
        : h("span", { class: "quiet" }, type ?? ""),
      isChanged && h("span", { class: "visually-hidden" }, " changed"),
    ),
    place === null ? h("td") : askButtons(store, place, { writes: true }),
  );
}
