/** The tabs beside: registers, variables, memory and so on. Only the one that is seen is drawn. */
import type { Action } from "../model/actions.js";
import { TABS, type State, type Tab } from "../model/state.js";
import type { Store } from "../model/store.js";
import { drawChanged } from "../panes/changed.js";
import { drawDevices, drawMachine } from "../panes/devices.js";
import { memoryPane } from "../panes/memory.js";
import { drawRegisters } from "../panes/registers.js";
import { rowsPane } from "../panes/rows.js";
import { drawVariables } from "../panes/variables.js";
import { h } from "../parts/dom.js";

export function sideView(store: Store<State, Action>): HTMLElement {
  const panels = new Map(TABS.map((tab) => [tab, panelOf(tab)]));
  const body = (tab: Tab): HTMLElement => panels.get(tab)!;
  const draws: Readonly<Record<Tab, () => void>> = {
    registers: () => drawRegisters(store, body("registers")),
    variables: () => drawVariables(store, body("variables")),
    memory: memoryPane(store, body("memory")),
    devices: () => drawDevices(store, body("devices")),
    changed: () => drawChanged(store, body("changed")),
    rows: rowsPane(store, body("rows")),
    machine: () => drawMachine(store, body("machine")),
  };
  const tabs = TABS.map((tab) =>
    h(
      "button",
      {
        ...{ type: "button", role: "tab", id: `tab-${tab}`, "aria-controls": `panel-${tab}` },
        onclick: () => store.dispatch({ type: "tabChosen", tab }),
      },
      tab,
    ),
  );
  const list = h(
    "div",
    {
      class: "tabs",
      role: "tablist",
      "aria-label": "The moment",
      onkeydown: (event: KeyboardEvent) => toNeighbour(store, tabs, event),
    },
    ...tabs,
  );
  const root = h(
    "section",
    { class: "pane side", "aria-label": "The moment" },
    h("header", {}, list),
    ...panels.values(),
  );
  store.view(
    ({ tab }) => tab,
    (chosen) => {
      for (const [index, tab] of TABS.entries()) {
        const isChosen = tab === chosen;
        tabs[index]?.setAttribute("aria-selected", String(isChosen));
        tabs[index]?.setAttribute("tabindex", isChosen ? "0" : "-1");
        body(tab).hidden = !isChosen;
      }
    },
  );
  store.view(
    (state) =>
      [
        state.tab,
        state.moment,
        state.memory,
        state.against,
        state.rowsInView,
        state.rowsKind,
        state.active,
        // Of a machine that runs, a new one comes each time that it has grown.
        state.tab === "machine" && state.recordings,
      ] as const,
    ([tab]) => draws[tab](),
  );
  return root;
}

const panelOf = (tab: Tab): HTMLElement =>
  h("div", { class: "scroll", role: "tabpanel", id: `panel-${tab}`, "aria-labelledby": `tab-${tab}`, tabindex: 0 });

/** As tabs work everywhere: arrows go to the next one. */
function toNeighbour(store: Store<State, Action>, tabs: readonly HTMLElement[], event: KeyboardEvent): void {
  const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (by === 0) return;
  event.preventDefault();
  event.stopPropagation();
  const index = (TABS.indexOf(store.state.tab) + by + TABS.length) % TABS.length;
  store.dispatch({ type: "tabChosen", tab: TABS[index]! });
  tabs[index]?.focus();
}
