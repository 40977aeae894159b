/** The line below: where and when it is. Screen readers hear it. */
import type { Action } from "../model/actions.js";
import { counted, hex, time } from "../model/numbers.js";
import type { State } from "../model/state.js";
import type { Store } from "../model/store.js";
import { button, fill, h } from "../parts/dom.js";

/** By itself, whatever letters are in it: a guest's name turns nothing around that stands beside it. */
const wordOf = (name: string, word: string): HTMLElement =>
  h("bdi", {}, name !== "" && h("span", { class: "quiet" }, `${name} `), word);

export function statusView(store: Store<State, Action>): HTMLElement {
  const place = h("span", { role: "status" });
  const work = h("span", { class: "group" });
  const root = h("footer", { class: "status" }, place, h("span", { class: "spring" }), work);
  store.view(
    ({ phase, moment, isLooking }) => [phase, moment, isLooking] as const,
    ([phase, moment, isLooking]) => {
      if (moment === undefined) {
        fill(place, phase === "failed" ? "not opened" : "opening…");
        return;
      }
      const { seq, icount, ns, hart, pc, privilege, task } = moment;
      const words: [string, string][] = [
        ["instruction", counted(icount)],
        ["event", counted(seq)],
        ["", time(ns)],
        ["hart", String(hart)],
        [privilege, hex(pc, 1)],
        ["", moment.function ?? ""],
        ["task", task === null ? "" : `${task.name} (${String(task.pid)})`],
        ["", isLooking ? "…" : ""],
      ];
      fill(place, ...words.filter(([, word]) => word !== "").flatMap(([name, word]) => [wordOf(name, word), " "]));
    },
  );
  store.view(
    ({ progress, surveyed, active }) => [progress, surveyed[active]] as const,
    ([progress, surveyed]) => {
      const shown =
        progress ??
        (surveyed !== undefined && surveyed < 1 ? { what: "surveying the run", share: surveyed } : undefined);
      if (shown === undefined) {
        fill(work);
        return;
      }
      const { what, share } = shown;
      fill(
        work,
        h("span", { class: "quiet" }, what, " "),
        h("progress", { value: share, max: 1, "aria-label": what }),
        progress !== undefined &&
          button("End it", () => store.dispatch({ type: "cancelled" }), { key: "Esc", label: "×" }),
      );
    },
  );
  return root;
}
