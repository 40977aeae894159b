/** The sheet of keys, made of the table that makes them work. */
import type { Action } from "../model/actions.js";
import { KEYS, type Key } from "../model/keys.js";
import type { State } from "../model/state.js";
import type { Store } from "../model/store.js";
import { button, h } from "../parts/dom.js";

const GROUPS: readonly Key["group"][] = ["Step", "Go", "Timeline", "Page"];
const SHOWN: Readonly<Record<string, string>> = { ArrowRight: "→", ArrowLeft: "←", Escape: "Esc" };

export function helpView(store: Store<State, Action>): HTMLElement {
  const close = (): void => store.dispatch({ type: "helpToggled", isHelped: false });
  const dialog = h(
    "dialog",
    { "aria-label": "Keys", onclose: close },
    h(
      "p",
      {},
      "Click on the timeline to be there; drag to move, turn the wheel to zoom. ",
      "A line of the console leads to the moment at which it was printed.",
    ),
    h("div", { class: "columns" }, ...GROUPS.map(groupOf)),
    button("Close", () => dialog.close()),
  );
  store.view(
    ({ isHelped }) => isHelped,
    (isHelped) => {
      if (isHelped === dialog.open) return;
      if (isHelped) dialog.showModal();
      else dialog.close();
    },
  );
  return dialog;
}

const groupOf = (group: Key["group"]): HTMLElement =>
  h(
    "section",
    {},
    h("h3", {}, group),
    h(
      "dl",
      {},
      ...KEYS.filter((key) => key.group === group).flatMap(({ keys, means }) => [
        h("dt", {}, ...keys.flatMap((key, index) => [index > 0 ? " " : "", h("kbd", {}, SHOWN[key] ?? key)])),
        h("dd", {}, means),
      ]),
    ),
  );
