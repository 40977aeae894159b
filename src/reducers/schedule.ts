/**
 * Whose turn it is. One hart executes at a time, in round robin, a quantum of instructions each. The schedule follows
 * from the state, so a log needs no event for a switch. An event is a deviation from it.
 */
import * as t from "io-ts";

import type { EventIn, EventTable } from "./event-table.js";
import { Count, U32 } from "./scalars.js";

/** Measured: `docs/decisions/one-schedule-of-the-harts.md`. */
export const QUANTUM_INSNS = 50_000;
/** A hart that polls has so many instructions before a pause ends its turn. A switch costs as much as some of these. */
export const MIN_TURN_INSNS = 500;

/** They come from outside the guest, for any position. Without them the schedule is always the same. */
export const SCHEDULE_EVENTS = {
  /** The turn ends here, and not with its quantum. */
  "schedule/turnEnded": { wireId: 40, origin: "input", payload: {} },
  /** The turn is longer by so many instructions. Nothing where no other hart can run. */
  "schedule/turnProlonged": { wireId: 41, origin: "input", payload: { byInsns: U32 } },
  /** From the next turn on: of the harts that can run, those of the highest priority take turns. At reset all are 0. */
  "schedule/hartPrioritized": { wireId: 42, origin: "input", payload: { hart: U32, priority: U32 } },
} as const satisfies EventTable;
export type ScheduleEvent = EventIn<typeof SCHEDULE_EVENTS>;

export const ScheduleState = t.readonly(
  t.type({
    /** The hart whose turn it is. */
    hart: Count,
    /** The icount at which the turn began, and the one at which it ends; null: no other hart can run. */
    sinceIcount: Count,
    untilIcount: t.union([Count, t.null]),
    /** The instructions that each hart retired before this turn. */
    retired: t.readonlyArray(Count),
    priorities: t.readonlyArray(U32),
  }),
);
export type ScheduleState = t.TypeOf<typeof ScheduleState>;

/** At reset all harts can run, and the first one begins. */
export const initialState = (harts: number): ScheduleState => {
  const zeros: readonly number[] = Object.freeze(new Array<number>(harts).fill(0));
  return Object.freeze({
    hart: 0,
    sinceIcount: 0,
    untilIcount: harts === 1 ? null : QUANTUM_INSNS,
    retired: zeros,
    priorities: zeros,
  });
};

/** After a reset of the machine. The counts go on, as icount does. */
export const atReset = (state: ScheduleState, icount: number): ScheduleState => {
  const { hart, priorities, untilIcount } = initialState(state.retired.length);
  return {
    ...{ hart, priorities, sinceIcount: icount, retired: retiredBy(state, icount) },
    untilIcount: untilIcount === null ? null : icount + untilIcount,
  };
};

export const reduce = (state: ScheduleState, event: ScheduleEvent, icount: number): ScheduleState => {
  switch (event.type) {
    case "schedule/turnEnded":
      return state.untilIcount === null ? state : { ...state, untilIcount: icount };
    case "schedule/turnProlonged":
      return state.untilIcount === null ? state : { ...state, untilIcount: state.untilIcount + event.byInsns };
    case "schedule/hartPrioritized":
      return { ...state, priorities: state.priorities.with(event.hart, event.priority) };
    default:
      event satisfies never;
      return state;
  }
};

export const accepts = (state: ScheduleState, event: ScheduleEvent): boolean =>
  event.type !== "schedule/hartPrioritized" || event.hart < state.priorities.length;

/** A turn of `hart` from `icount` on. */
export const turnOf = (
  state: ScheduleState,
  hart: number,
  icount: number,
  { isAlone }: { readonly isAlone: boolean },
): ScheduleState => ({
  hart,
  sinceIcount: icount,
  untilIcount: isAlone ? null : icount + QUANTUM_INSNS,
  retired: retiredBy(state, icount),
  priorities: state.priorities,
});

/** The instructions that each hart has retired. */
export const retiredBy = ({ hart, sinceIcount, retired }: ScheduleState, icount: number): readonly number[] =>
  retired.map((count, index) => (index === hart ? count + icount - sinceIcount : count));
