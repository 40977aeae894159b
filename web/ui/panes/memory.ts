/** Memory from an address or a name on. */
import type { MemoryRows } from "../../protocol.js";
import { button, fill, h } from "../parts/dom.js";
import { hex } from "../model/numbers.js";
import { whereFrom, whoWrote } from "../model/asking.js";
import { empty, noMoment, type PageStore } from "./pane.js";

const BYTES_A_ROW = 8;
const [FIRST_PRINTABLE, LAST_PRINTABLE] = [0x20, 0x7e];

/** The box stays while what it leads to is drawn anew. */
export function memoryPane(store: PageStore, body: HTMLElement): () => void {
  const of = h("input", {
    "aria-label": "Address, name or expression",
    placeholder: "0x80001000, link.count, $sp",
    spellcheck: "false",
  });
  const rows = h("div");
  const ask = (action: "writes" | "whence") => (): void => {
    const { state } = store;
    const asked = action === "writes" ? whoWrote(state, of.value) : whereFrom(state, of.value);
    if (of.value !== "" && asked !== undefined) store.dispatch(asked);
  };
  const form = h(
    "form",
    {
      class: "form",
      onsubmit: (event: Event) => {
        event.preventDefault();
        store.dispatch({ type: "memoryChosen", of: of.value.trim() });
      },
    },
    of,
    h("button", { type: "submit" }, "Show"),
    button("Who wrote this?", ask("writes")),
    button("Where from?", ask("whence")),
  );
  let shown = "";
  return () => {
    const { memory, moment } = store.state;
    if (memory !== shown) of.value = shown = memory;
    if (form.parentElement !== body) body.replaceChildren(form, rows);
    const there = moment?.memory.find((one) => one.of === memory);
    if (memory === "") {
      fill(rows, empty("Give an address, a variable or a register above, or click one in the other tabs."));
      return;
    }
    if (there === undefined) {
      fill(rows, moment === undefined ? noMoment(store.state) : empty("On its way…"));
      return;
    }
    if (there.fault !== null) {
      fill(rows, empty(`${there.fault}. Try 0x80001000, a variable as link.count, or $sp.`));
      return;
    }
    fill(rows, dump(store, there));
  };
}

function dump(store: PageStore, memory: MemoryRows): HTMLElement {
  const count = Math.ceil(memory.bytes.length / BYTES_A_ROW);
  const rows = Array.from({ length: count }, (_, index) => dumpRow(store, memory, index * BYTES_A_ROW));
  return h(
    "table",
    { class: "data" },
    h("caption", { class: "visually-hidden" }, `Memory at ${memory.of}`),
    h("thead", {}, h("tr", {}, ...["address", "bytes", "text"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, ...rows),
  );
}

function dumpRow(store: PageStore, { address, bytes, present, changed }: MemoryRows, start: number): HTMLElement {
  const part = [...bytes.subarray(start, start + BYTES_A_ROW)];
  const cells = part.flatMap((byte, index) => {
    const at = start + index;
    const isChanged = changed[at] === 1;
    const cell = present[at] === 0 ? "--" : byteButton(store, address + BigInt(at), byte, isChanged);
    return [index === 0 ? "" : " ", cell];
  });
  const letters = part.map((byte, index) =>
    present[start + index] === 0
      ? " "
      : byte >= FIRST_PRINTABLE && byte <= LAST_PRINTABLE
        ? String.fromCharCode(byte)
        : ".",
  );
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, hex(address + BigInt(start), 1)),
    h("td", {}, ...cells),
    h("td", { class: "quiet" }, letters.join("")),
  );
}

/** For the mouse: keys have the box above. */
function byteButton(store: PageStore, address: bigint, byte: number, isChanged: boolean): HTMLElement {
  const place = `0x${hex(address, 1)}`;
  const ask = (): void => store.dispatch(whoWrote(store.state, `${place}:1`));
  const classes = isChanged ? "byte changed" : "byte";
  return h(
    "button",
    { type: "button", class: classes, tabindex: -1, title: `Who wrote ${place}?`, onclick: ask },
    hex(byte, 2),
  );
}
