/** What a click on "who wrote this?" and its like asks. */
import type { Action } from "./actions.js";
import { cursorOf, type State } from "./state.js";
import type { QueryKind } from "../../protocol.js";

/** Up to the moment that is looked at, the last first seen at the end of the list. */
export function askBefore(state: State, kind: QueryKind, of: string, title: string): Action {
  return { type: "asked", question: { kind, of, until: cursorOf(state) }, title };
}

export const whoWrote = (state: State, place: string): Action =>
  askBefore(state, "writes", place, `who wrote ${place}?`);

/** Of the whole run. */
export const whenCalled = (name: string): Action => ({
  type: "asked",
  question: { kind: "calls", of: name, until: undefined },
  title: `when was ${name} called?`,
});

export function whereFrom(state: State, of: string): Action | undefined {
  const where = cursorOf(state);
  return where && { type: "asked", question: { kind: "whence", of, where }, title: `where does ${of} come from?` };
}
