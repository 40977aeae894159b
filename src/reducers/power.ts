/** Whether the machine runs: what the guest asked of its power, and how the run ended. */
import * as t from "io-ts";

import type { EventOf } from "./events.js";
import { Text, U32 } from "./scalars.js";

export const PowerState = t.readonly(
  t.type({
    /** The guest's request, until its event comes. */
    request: t.union([
      t.null,
      t.readonly(t.type({ kind: t.union([t.literal("shutdown"), t.literal("reset")]), code: U32 })),
    ]),
    /** Set for good by the shutdown. */
    off: t.union([t.null, t.readonly(t.type({ cause: Text, code: U32 }))]),
  }),
);
export type PowerState = t.TypeOf<typeof PowerState>;

export type PowerEvent =
  | { readonly type: "power/requested"; readonly request: "shutdown" | "reset"; readonly code: number }
  | EventOf<"machine/shutdown" | "machine/reset">;

export const initialState: PowerState = { request: null, off: null };

export const reduce = (state: PowerState, event: PowerEvent): PowerState => {
  switch (event.type) {
    case "power/requested":
      return { ...state, request: { kind: event.request, code: event.code } };
    case "machine/reset":
      return initialState;
    case "machine/shutdown":
      return { request: null, off: { cause: event.cause, code: event.code } };
    default:
      event satisfies never;
      return state;
  }
};
