/** What went wrong, with what to do. */
import type { Action } from "../model/actions.js";
import type { State } from "../model/state.js";
import type { Store } from "../model/store.js";
import { button, fill, h } from "../parts/dom.js";

export function messageView(store: Store<State, Action>): HTMLElement {
  const root = h("div", { class: "message", role: "alert", hidden: true });
  store.view(
    ({ failure }) => failure,
    (failure) => {
      root.hidden = failure === undefined;
      if (failure === undefined) {
        fill(root);
        return;
      }
      const close = button("Close the message", () => store.dispatch({ type: "failureDismissed" }), { label: "×" });
      fill(root, h("div", {}, h("strong", {}, failure.what), failure.remedy), close);
    },
  );
  return root;
}
