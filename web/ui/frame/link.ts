/** A link to the moment, into the clipboard; where the page may not write there, to be taken by hand. */
import type { Action } from "../model/actions.js";
import type { State } from "../model/state.js";
import type { Store } from "../model/store.js";
import { button, h } from "../parts/dom.js";
import { linkTo } from "./history.js";

const SAID_MS = 2000;

export function linkButton(store: Store<State, Action>): HTMLElement {
  const said = h("span", { role: "status", class: "visually-hidden" });
  const field = h("input", { readonly: true, "aria-label": "Link to this moment", size: 60 });
  const dialog = h(
    "dialog",
    { "aria-label": "Link" },
    h("p", {}, "This browser does not let the page write to the clipboard. Copy the link from here:"),
    field,
    button("Close", () => dialog.close()),
  );
  const copy = button("Copy a link to this moment", () => void take(), { label: "Link" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const take = async (): Promise<void> => {
    const link = linkTo(store.state);
    try {
      await navigator.clipboard.writeText(link);
    } catch {
      field.value = link;
      dialog.showModal();
      field.select();
      return;
    }
    said.textContent = "The link is copied.";
    copy.textContent = "Copied";
    clearTimeout(timer);
    timer = setTimeout(() => {
      said.textContent = "";
      copy.textContent = "Link";
    }, SAID_MS);
  };
  return h("span", { class: "link-to" }, copy, said, dialog);
}
