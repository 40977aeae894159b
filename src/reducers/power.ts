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

const TRAP_LOOP = "trap loop";

/** The cause of a shutdown because no instruction can retire any more. */
export const trapLoopCause = (pc: bigint): string =>
  `${TRAP_LOOP} at pc 0x${pc.toString(16)}: the first instruction of the trap handler traps, and no interrupt can end it`;

/** Whether the state itself predicts a shutdown of this cause; any other is the host's. */
export const isPredictedCause = (cause: string): boolean => cause === "guest" || cause.startsWith(TRAP_LOOP);

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
