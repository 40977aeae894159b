/** Registers of the hart that is looked at; changed ones are marked. */
import type { RegisterRow } from "../../protocol.js";
import { button, fill, h } from "../parts/dom.js";
import { hex } from "../model/numbers.js";
import { askButtons, noMoment, table, type PageStore } from "./pane.js";

export function drawRegisters(store: PageStore, body: HTMLElement): void {
  const { moment } = store.state;
  if (moment === undefined) {
    fill(body, noMoment(store.state));
    return;
  }
  const { registers, csrs, floats } = moment;
  const sections = [
    table(
      "Registers",
      ["register", "value", ""],
      registers.map((row) => registerRow(store, row)),
    ),
    csrs.length > 0 &&
      table(
        "CSRs",
        ["CSR", "value", ""],
        csrs.map((row) => registerRow(store, row)),
      ),
    floats.length > 0 &&
      table(
        "Floating point",
        ["float", "value", ""],
        floats.map((row) => registerRow(store, row)),
      ),
  ];
  fill(body, ...sections);
}

function registerRow(store: PageStore, row: RegisterRow): HTMLElement {
  const { name, alias, value, meaning, isChanged } = row;
  return h(
    "tr",
    {},
    h("th", { scope: "row", title: alias }, name),
    h(
      "td",
      { class: "wrap" },
      h("span", { class: isChanged && "changed" }, hex(value)),
      isChanged && h("span", { class: "visually-hidden" }, " changed"),
      meaning !== null && "  ",
      meaning !== null && meaningOf(store, value, meaning),
    ),
    askButtons(store, `$${name}`, { writes: false }),
  );
}

/** `<link+4>` leads to the memory there; what bits say leads nowhere. */
const meaningOf = (store: PageStore, value: bigint, meaning: string): HTMLElement =>
  /^<.*>$/.test(meaning) ? toMemory(store, `0x${hex(value, 1)}`, meaning) : h("span", { class: "quiet" }, meaning);

/** Where a pointer leads: the memory there. */
export const toMemory = (store: PageStore, of: string, text: string): HTMLElement =>
  button(`Memory at ${of}`, () => store.dispatch({ type: "memoryChosen", of }), { label: text, class: "link" });
