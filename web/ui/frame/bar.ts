/** The bar above: what is looked at, steps, and where to go. */
import type { StepKind } from "../../protocol.js";
import { countOf, counted } from "../model/numbers.js";
import { activeOf, type State } from "../model/state.js";
import { nextScheme } from "../model/keys.js";
import type { Action } from "../model/actions.js";
import type { Store } from "../model/store.js";
import { button, fill, h } from "../parts/dom.js";
import { linkButton } from "./link.js";

export interface Bar {
  readonly root: HTMLElement;
  readonly focusPosition: () => void;
}

const STEPS: readonly { readonly kind: StepKind; readonly word: string; readonly keys: readonly [string, string] }[] = [
  { kind: "instruction", word: "instruction", keys: ["←", "→"] },
  { kind: "line", word: "line", keys: ["N", "n"] },
  { kind: "call", word: "call", keys: ["C", "c"] },
  { kind: "event", word: "event", keys: ["E", "e"] },
];

export function barView(store: Store<State, Action>): Bar {
  const title = h("h1", {});
  const harts = h("select", {
    "aria-label": "Hart",
    onchange: () => store.dispatch({ type: "hartChosen", hart: harts.value === "" ? undefined : Number(harts.value) }),
  });
  const position = h("input", {
    class: "position",
    "aria-label": "Instruction, time as 0.0084s, or text that is printed",
    spellcheck: "false",
  });
  const go = (event: Event): void => {
    event.preventDefault();
    const where = whereOf(position.value);
    position.blur();
    if (where !== undefined) store.dispatch({ type: "wentTo", where });
  };
  const scheme = button(
    "Colours",
    () => store.dispatch({ type: "schemeChosen", scheme: nextScheme(store.state.scheme) }),
    { key: "t", label: "◐" },
  );
  const help = button("Keys", () => store.dispatch({ type: "helpToggled", isHelped: true }), { key: "?", label: "?" });
  const root = h(
    "header",
    { class: "bar" },
    title,
    ...STEPS.map((one) => stepButtons(store, one)),
    h("form", { class: "group", onsubmit: go }, position, h("button", { type: "submit" }, "Go")),
    harts,
    h("span", { class: "spring" }),
    linkButton(store),
    scheme,
    help,
  );
  store.view(
    (state) => [activeOf(state)?.name, activeOf(state)?.harts ?? 1] as const,
    ([name, count]) => {
      fill(title, "foldvm", h("span", { class: "quiet" }, name ?? ""));
      document.title = name === undefined ? "foldvm" : `${name} - foldvm`;
      harts.hidden = count < 2;
      const all = Array.from({ length: count }, (_, hart) => h("option", { value: hart }, `hart ${String(hart)}`));
      fill(harts, h("option", { value: "" }, "hart that runs"), ...all);
    },
  );
  store.view(
    ({ moment }) => moment,
    (moment) => {
      if (moment !== undefined && document.activeElement !== position) position.value = counted(moment.icount);
    },
  );
  store.view(
    ({ hart }) => hart,
    (hart) => (harts.value = hart === undefined ? "" : String(hart)),
  );
  return {
    root,
    focusPosition() {
      position.focus();
      position.select();
    },
  };
}

function stepButtons({ dispatch }: Store<State, Action>, { kind, word, keys }: (typeof STEPS)[number]): HTMLElement {
  return h(
    "span",
    { class: "group", role: "group", "aria-label": `Step by ${word}` },
    button(`Back one ${word}`, () => dispatch({ type: "stepped", kind, direction: "back" }), {
      key: keys[0],
      label: "◂",
    }),
    h("span", { class: "word", "aria-hidden": "true" }, word),
    button(`Forward one ${word}`, () => dispatch({ type: "stepped", kind, direction: "forward" }), {
      key: keys[1],
      label: "▸",
    }),
  );
}

const NS = { s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, ns: 1 } as const;

/** A count of instructions, a time with its unit, `35:8400291`, or what a console prints. */
export function whereOf(text: string): (Action & { type: "wentTo" })["where"] | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  const both = /^(\d+):(\d+)$/.exec(trimmed);
  if (both !== null) return { seq: Number(both[1]), icount: Number(both[2]) };
  const icount = countOf(trimmed);
  if (icount !== undefined) return { icount };
  const timed = /^(\d+(?:\.\d+)?) ?(s|ms|us|µs|ns)$/.exec(trimmed);
  if (timed !== null) return { ns: Math.round(Number(timed[1]) * NS[timed[2] as keyof typeof NS]) };
  return { text: trimmed };
}
