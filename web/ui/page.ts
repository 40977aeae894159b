/** The page: a store, what it asks of the worker, and its views. */
import type { Client } from "../client.js";
import type { Source } from "../protocol.js";
import { barView } from "./frame/bar.js";
import { helpView } from "./frame/help.js";
import { connectHistory } from "./frame/history.js";
import { messageView } from "./frame/message.js";
import { sideView } from "./frame/side.js";
import { statusView } from "./frame/status.js";
import type { Action } from "./model/actions.js";
import { addressOf } from "./model/address.js";
import { KEYS, type Wish } from "./model/keys.js";
import { reduce } from "./model/reduce.js";
import { INITIAL, type State } from "./model/state.js";
import { createStore, type Store } from "./model/store.js";
import { answersPane } from "./panes/answers.js";
import { drawCode, drawStack, placeOf, showHere } from "./panes/code.js";
import { consolePane } from "./panes/console.js";
import { pane, scroller } from "./panes/pane.js";
import { h } from "./parts/dom.js";
import { framesOf } from "./parts/frames.js";
import { timelineView } from "./timeline/timeline.js";
import { askerOf } from "./work/asker.js";
import { connectEffects, findPartings, open } from "./work/effects.js";
import { failureOf } from "./work/failures.js";
import { connectRows } from "./work/rows-in-view.js";

export async function startPage(root: HTMLElement, client: Client, sources: readonly Source[]): Promise<void> {
  const store = createStore<State, Action>({
    initial: { ...INITIAL, scheme: keptScheme() },
    reduce,
    frame: framesOf(root),
  });
  const asker = askerOf(client);
  const bar = barView(store);
  const answers = answersPane(store);
  const main = h("main", { class: "moment" }, consolePane(store), codePane(store), sideView(store), answers.root);
  root.classList.add("page");
  root.replaceChildren(
    bar.root,
    timelineView(store, asker),
    main,
    statusView(store),
    messageView(store),
    helpView(store),
  );
  connectScheme(store);
  store.view(
    (state) => state.answers.length > 0,
    (isAsked) => main.classList.toggle("asked", isAsked),
  );
  connectKeys(store, ({ what }) => (what === "ask" ? answers.focusAsk() : bar.focusPosition()));
  connectEffects(store, asker);
  connectRows(store, asker);
  try {
    await open(store, asker, sources);
    const address = addressOf(location.hash);
    store.dispatch({ type: "addressRead", address });
    connectHistory(store);
    await findPartings(store, asker);
  } catch (error) {
    store.dispatch({ type: "failed", failure: failureOf(error), isFatal: true });
  }
}

function codePane(store: Store<State, Action>): HTMLElement {
  const code = scroller("Instructions and source lines");
  const stack = h("section", { class: "stack", "aria-label": "Stack", tabindex: 0 });
  const place = h("span", { class: "quiet mono ellipsis" });
  const { root } = pane("Code", "code-pane", code, place);
  root.append(stack);
  new ResizeObserver(() => showHere(code)).observe(code);
  store.view(
    ({ moment }) => moment,
    () => {
      drawCode(store, code);
      drawStack(store, stack);
      place.textContent = placeOf(store.state.moment);
    },
  );
  return root;
}

const SCHEME = "foldvm-scheme";

/** A page from disk may keep nothing: then it is the system's. */
function keptScheme(): State["scheme"] {
  try {
    const kept = localStorage.getItem(SCHEME);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system";
  }
}

function connectScheme(store: Store<State, Action>): void {
  const show = (scheme: State["scheme"]): void => {
    if (scheme === "system") delete document.documentElement.dataset["scheme"];
    else document.documentElement.dataset["scheme"] = scheme;
  };
  show(store.state.scheme);
  store.listen((action) => {
    if (action.type !== "schemeChosen") return;
    show(action.scheme);
    try {
      localStorage.setItem(SCHEME, action.scheme);
    } catch {
      // It is kept for this page alone.
    }
  });
}

function connectKeys(store: Store<State, Action>, wish: (wish: Wish) => void): void {
  const table = new Map(KEYS.flatMap((key) => key.keys.map((name) => [name, key] as const)));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event.target, store.state)) return;
    const does = table.get(event.key)?.does(store.state);
    if (does === undefined) return;
    // A dialog closes itself.
    const dialog = document.querySelector("dialog[open]");
    if (dialog !== null && !(store.state.isHelped && does.type === "helpToggled")) return;
    event.preventDefault();
    if (does.type === "focus") wish(does);
    else store.dispatch(does);
  });
}

/** Whose keys are its own. A terminal whose machine is over has none. */
function isTyping(target: EventTarget | null, state: State): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest(".xterm") !== null) return state.isFollowing;
  return (
    target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
  );
}
