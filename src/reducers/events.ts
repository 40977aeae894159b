/**
 * The union of all events: what affects the guest from outside its own computation. Events are streamed, folded and
 * logged. Each table stands where its events are reduced. A codec is also the event's layout in the log.
 */
import { BOTTOM_HALF_EVENTS } from "./bottom-halves.js";
import { CLOCK_EVENTS } from "./clock.js";
import { DEBUGGER_EVENTS } from "./debugger.js";
import { DEVICES } from "./devices.js";
import type { EventIn, EventRow, EventTable } from "./event-table.js";
import type { Position } from "./position.js";
import { POWER_EVENTS } from "./power.js";
import { U64 } from "./scalars.js";
import { SCHEDULE_EVENTS } from "./schedule.js";

const CHECKPOINT_EVENTS = {
  /** Changes nothing. It records the hash of the whole state at its position. */
  "checkpoint/hashed": { wireId: 11, origin: "predicted", payload: { hash: U64 } },
} as const satisfies EventTable;

const OF_THE_MACHINE = {
  ...CLOCK_EVENTS,
  ...SCHEDULE_EVENTS,
  ...BOTTOM_HALF_EVENTS,
  ...POWER_EVENTS,
  ...DEBUGGER_EVENTS,
  ...CHECKPOINT_EVENTS,
} as const;

type DeviceTables = UnionToIntersection<(typeof DEVICES)[number]["events"]>;
type UnionToIntersection<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer I) => void ? I : never;
type Flat<T> = { readonly [K in keyof T]: T[K] };
type Specifications = Flat<typeof OF_THE_MACHINE & DeviceTables>;

export type EventType = keyof Specifications;

export type EventOf<T extends EventType> = EventIn<Pick<Specifications, T>>;

export type MachineEvent = EventOf<EventType>;

/** The row of each event, keyed by type, in the order of wire ids. */
export const EVENTS = inOrder([OF_THE_MACHINE, ...DEVICES.map(({ events }) => events)]) as unknown as Specifications;

/** The row of an event of any type. */
export const rowOf = (type: EventType): EventRow => EVENTS[type];

/** An event with its position, as the stream carries it and the log holds it. */
export interface PositionedEvent extends Position {
  readonly event: MachineEvent;
}

function inOrder(tables: readonly EventTable[]): EventTable {
  const rows = tables.flatMap((table) => Object.entries(table)).sort(([, a], [, b]) => a.wireId - b.wireId);
  for (const [index, [type, { wireId }]] of rows.entries()) {
    const [before, row] = rows[index - 1] ?? [];
    if (row?.wireId === wireId)
      throw new Error(`${type} and ${String(before)} have the same wireId, ${String(wireId)}`);
  }
  return Object.fromEntries(rows);
}
