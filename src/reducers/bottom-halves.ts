/** Work that devices have deferred. It is data in the state, and an event runs it, so the log fixes its order. */
import * as t from "io-ts";

import type { EventIn, EventTable } from "./event-table.js";
import { Text } from "./scalars.js";

export const BOTTOM_HALF_EVENTS = {
  /** Deferred work of a device ran. */
  "bottomHalf/ran": { wireId: 4, origin: "predicted", payload: { id: Text } },
} as const satisfies EventTable;

/** In the order in which the work was deferred. */
export const BottomHalvesState = t.readonly(
  t.type({ pending: t.readonlyArray(t.readonly(t.type({ id: t.string, oneshot: t.boolean }))) }),
);
export type BottomHalvesState = t.TypeOf<typeof BottomHalvesState>;

/**
 * `scheduled`: at most one is pending per id (QEMU: replay_bh_schedule_event). `oneshotScheduled`: each request runs
 * (replay_bh_schedule_oneshot_event). `cancelled`: removes the id and every id below it as a path (qemu_bh_cancel).
 */
export interface BottomHalfRequest {
  readonly type: "bottomHalf/scheduled" | "bottomHalf/oneshotScheduled" | "bottomHalf/cancelled";
  readonly id: string;
}

export type BottomHalfEvent = BottomHalfRequest | EventIn<typeof BOTTOM_HALF_EVENTS>;

export const initialState: BottomHalvesState = { pending: [] };

export const reduce = (state: BottomHalvesState, event: BottomHalfEvent): BottomHalvesState => {
  switch (event.type) {
    case "bottomHalf/scheduled":
      return state.pending.some(({ id, oneshot }) => id === event.id && !oneshot)
        ? state
        : append(state, event.id, false);
    case "bottomHalf/oneshotScheduled":
      return append(state, event.id, true);
    case "bottomHalf/cancelled":
      if (!state.pending.some(({ id }) => isWithin(id, event.id))) return state;
      return { pending: state.pending.filter(({ id }) => !isWithin(id, event.id)) };
    case "bottomHalf/ran": {
      const first = state.pending.findIndex(({ id }) => id === event.id);
      if (first < 0) return state;
      return { pending: state.pending.toSpliced(first, 1) };
    }
    default:
      event satisfies never;
      return state;
  }
};

/** The id of the work that runs next; undefined: none is pending. */
export const nextBottomHalf = (state: BottomHalvesState): string | undefined => state.pending[0]?.id;

const isWithin = (id: string, path: string): boolean => id === path || id.startsWith(`${path}/`);

const append = (state: BottomHalvesState, id: string, oneshot: boolean): BottomHalvesState =>
  // No draft: drafting a list costs more with each item.
  ({ pending: [...state.pending, { id, oneshot }] });
