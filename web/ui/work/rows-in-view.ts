/** The table of rows follows the window, once that stands still and while somebody looks at the table. */
import type { Action } from "../model/actions.js";
import type { State } from "../model/state.js";
import type { Store } from "../model/store.js";
import type { Asker } from "./asker.js";
import { failureOf } from "./failures.js";

const STILL_MS = 200;
const MAX_ROWS = 500;

export function connectRows(store: Store<State, Action>, asker: Asker): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  store.view(
    (state) => [state.tab, state.rowsKind, state.window, state.active, state.axis, state.phase] as const,
    ([tab, , , , , phase]) => {
      clearTimeout(timer);
      if (tab === "rows" && phase === "ready") timer = setTimeout(() => void ask(store, asker), STILL_MS);
      else asker.end("rows");
    },
  );
}

async function ask({ state, dispatch }: Store<State, Action>, asker: Asker): Promise<void> {
  const { active, axis, window, rowsKind: kind } = state;
  const asked = { axis, from: Math.max(0, Math.floor(window.from)), until: Math.ceil(window.until) };
  dispatch({ type: "rowsAsked", kind });
  try {
    const end = await asker.ask(
      "rows",
      "rows",
      { recording: active, kind, window: asked, limit: MAX_ROWS },
      { part: (rows) => dispatch({ type: "rowsCame", rows }) },
    );
    if (end !== undefined) dispatch({ type: "rowsCame", rows: [], end });
  } catch (error) {
    dispatch({ type: "rowsCame", rows: [], end: { hasMore: false } });
    dispatch({ type: "failed", failure: failureOf(error) });
  }
}
