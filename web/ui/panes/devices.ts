/** What the devices hold, and what the machine is. */
import { fill, h } from "../parts/dom.js";
import { activeOf } from "../model/state.js";
import { empty, noMoment, table, type PageStore } from "./pane.js";

export function drawDevices({ state }: PageStore, body: HTMLElement): void {
  const { moment } = state;
  if (moment === undefined) {
    fill(body, noMoment(state));
    return;
  }
  fill(
    body,
    ...moment.devices.map(({ name, fields }) =>
      table(
        name,
        [name, "value"],
        fields.map((field) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, field.name),
            h("td", { class: "wrap" }, h("span", { class: field.isChanged && "changed" }, field.text)),
          ),
        ),
      ),
    ),
  );
}

export function drawMachine({ state }: PageStore, body: HTMLElement): void {
  const summary = activeOf(state);
  if (summary === undefined) {
    fill(body, empty("No recording yet."));
    return;
  }
  const { machine, images, snapshots, parent, cause, endHash, types } = summary;
  const rows: [string, string][] = [
    ["recording", summary.name],
    ...machine.map(({ name, text }): [string, string] => [name, text]),
    ["ended", cause ?? "not known"],
    ["state hash", endHash ?? "not known"],
    ...(parent === null ? [] : [["branch of", [parent.name, ...parent.changes].join("\n")] as [string, string]]),
    ...images.map(({ role, name, isHere }): [string, string] => [role, isHere ? name : `${name} (not here)`]),
    ...snapshots.map(({ name, icount }): [string, string] => ["snapshot", `${name} at ${String(icount)}`]),
  ];
  const row = ([name, text]: [string, string]): HTMLElement =>
    h("tr", {}, h("th", { scope: "row" }, name), h("td", { class: "wrap" }, text));
  fill(
    body,
    table("The machine", ["machine", ""], rows.map(row)),
    table(
      "Its events",
      ["event", "times"],
      types.map(({ type, count }) => row([type, String(count)])),
    ),
  );
}
