/** What changed since the moment before: one instruction back, or the moment that was looked at before. */
import type { VariableRow } from "../../protocol.js";
import { button, fill, h } from "../parts/dom.js";
import { counted, hex } from "../model/numbers.js";
import { empty, noMoment, table, type PageStore } from "./pane.js";

export function drawChanged(store: PageStore, body: HTMLElement): void {
  const { moment, against } = store.state;
  if (moment === undefined) {
    fill(body, noMoment(store.state));
    return;
  }
  const choice = (name: string, value: typeof against): HTMLElement =>
    button(name, () => store.dispatch({ type: "againstChosen", against: value }), {
      "aria-pressed": String(against === value),
    });
  const { since, registers, csrs, floats, devices, memory } = moment;
  const rows: [string, string][] = [
    ...[...registers, ...csrs, ...floats]
      .filter(({ isChanged }) => isChanged)
      .map(({ name, value, meaning }): [string, string] => [name, `${hex(value)}  ${meaning ?? ""}`]),
    ...changedVariables([...moment.variables, ...moment.globals], ""),
    ...devices.flatMap(({ name, fields }) =>
      fields
        .filter(({ isChanged }) => isChanged)
        .map((field): [string, string] => [`${name}.${field.name}`, field.text]),
    ),
    ...memory
      .filter(({ changed }) => changed.includes(1))
      .map(({ of, changed }): [string, string] => [of, `${String(changed.filter((one) => one === 1).length)} bytes`]),
  ];
  fill(
    body,
    h(
      "div",
      { class: "form" },
      h("span", { class: "quiet" }, since === null ? "since" : `since ${counted(since.icount)}, compared with`),
      h(
        "span",
        { class: "group" },
        choice("the instruction before", "instruction"),
        choice("the moment before", "previous"),
      ),
    ),
    rows.length === 0
      ? empty("Nothing that is shown here has changed.")
      : table(
          "What changed",
          ["changed", "is now"],
          rows.map(([name, text]) =>
            h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: "wrap changed" }, text)),
          ),
        ),
  );
}

function changedVariables(rows: readonly VariableRow[], before: string): [string, string][] {
  return rows.flatMap(({ name, text, isChanged, parts }): [string, string][] => {
    if (!isChanged) return [];
    return parts.length > 0 ? changedVariables(parts, `${before}${name}.`) : [[`${before}${name}`, text]];
  });
}
