/**
 * Whether the machine runs: the pending power request, and how the run ended. Causes have the names of QEMU's
 * ShutdownCause.
 */
import * as t from "io-ts";

import type { EventIn, EventTable } from "./event-table.js";
import { hexAddress } from "./hex.js";
import { Text, U32 } from "./scalars.js";

export const POWER_EVENTS = {
  /** The guest asked for a reset, and the machine restarted. */
  "machine/reset": { wireId: 9, origin: "predicted", payload: { cause: Text } },
  /** The machine stopped for good: by the guest, with its exit code, or by the host (causes: below). */
  "machine/shutdown": { wireId: 10, origin: "predicted", payload: { cause: Text, code: U32 } },
  /** The host pressed the reset button. `machine/reset` follows at once. */
  "machine/resetRequested": { wireId: 30, origin: "input", payload: { cause: Text } },
} as const satisfies EventTable;

export const PowerState = t.readonly(
  t.type({
    /** A request that waits for its event. */
    request: t.union([
      t.null,
      t.readonly(
        t.type({
          kind: t.union([t.literal("shutdown"), t.literal("panic"), t.literal("reset")]),
          code: U32,
          /** The cause of a request by the host. A guest's request has its cause by kind. */
          hostCause: t.union([Text, t.undefined]),
        }),
      ),
    ]),
    /** Set by the shutdown, and never cleared. */
    off: t.union([t.null, t.readonly(t.type({ cause: Text, code: U32 }))]),
  }),
);
export type PowerState = t.TypeOf<typeof PowerState>;
export type PowerRequest = Exclude<PowerState["request"], null>;

/** The guest switched itself off, reported a failure (the test finisher's FAIL), or restarted the machine. */
export type GuestCause = "guest-shutdown" | "guest-panic" | "guest-reset";

/**
 * A signal to the host's process, a key of its user, a call by the program that uses this library, or a failure of the
 * host.
 */
export type HostCause = "host-signal" | "host-ui" | "host-quit" | "host-reset" | "host-error";

const GUEST_CAUSES: Readonly<Record<PowerRequest["kind"], GuestCause>> = {
  shutdown: "guest-shutdown",
  panic: "guest-panic",
  reset: "guest-reset",
};

const causeOf = ({ kind, hostCause }: PowerRequest): string => hostCause ?? GUEST_CAUSES[kind];

/** The event that answers a request. */
export const eventOf = (
  request: PowerRequest,
): EventIn<Pick<typeof POWER_EVENTS, "machine/reset" | "machine/shutdown">> =>
  request.kind === "reset"
    ? { type: "machine/reset", cause: causeOf(request) }
    : { type: "machine/shutdown", cause: causeOf(request), code: request.code };

/**
 * Recordings of version 0.1 have one cause for all that the guest did. They keep it, because their states' hashes
 * contain it.
 */
const ANY_GUEST_CAUSE = "guest";

/** Whether a recorded cause is the one that the state predicts. */
export const isSameCause = (recorded: string, predicted: string): boolean =>
  recorded === predicted || (recorded === ANY_GUEST_CAUSE && isGuestCause(predicted));

export const isGuestCause = (cause: string): boolean => cause === ANY_GUEST_CAUSE || cause.startsWith("guest-");

const TRAP_LOOP = "trap loop";

/** Why a machine is off in which no instruction can retire. `last`: of several harts, the last to get there. */
export const trapLoopCause = (pc: bigint, last?: number): string =>
  `${TRAP_LOOP} ${last === undefined ? "" : `of all harts, the last one hart ${String(last)}, `}at pc ${hexAddress(pc)}: ` +
  `the first instruction of the trap handler traps, and no interrupt can end it`;

/** Whether the state itself predicts a shutdown of this cause. Any other comes from the host. */
export const isPredictedCause = (cause: string): boolean => isGuestCause(cause) || cause.startsWith(TRAP_LOOP);

export type PowerEvent =
  | { readonly type: "power/requested"; readonly request: PowerRequest["kind"]; readonly code: number }
  | EventIn<typeof POWER_EVENTS>;

export const initialState: PowerState = { request: null, off: null };

export const reduce = (state: PowerState, event: PowerEvent): PowerState => {
  switch (event.type) {
    case "power/requested":
      return { ...state, request: { kind: event.request, code: event.code, hostCause: undefined } };
    case "machine/resetRequested":
      return { ...state, request: { kind: "reset", code: 0, hostCause: event.cause } };
    case "machine/reset":
      return initialState;
    case "machine/shutdown":
      return { request: null, off: { cause: event.cause, code: event.code } };
    default:
      event satisfies never;
      return state;
  }
};
