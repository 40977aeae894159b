/** The rows of an event table, and the type of the events in it. Each part of the machine has its own table. */
import type * as t from "io-ts";

export interface EventRow {
  /** The event's tag in the log: never reuse or renumber one. */
  readonly wireId: number;
  /**
   * `input`: it comes from outside, and the machine cannot compute it. `predicted`: the state expects it, so replay
   * checks it.
   */
  readonly origin: "input" | "predicted";
  /** The event answers a waiting access. The instruction at the event's position is tried again. */
  readonly isAnswer?: true;
  /** The codec of each field. It is also the field's layout in the log. */
  readonly payload: t.Props;
}

/** Keyed by type: past tense, `device/happened`. */
export type EventTable = Readonly<Record<string, EventRow>>;

/** The table of a device that takes no events. */
export const NO_EVENTS = {} as const;
export type NoEvents = typeof NO_EVENTS;

/** The events of a table. */
export type EventIn<Table> = {
  readonly [Type in keyof Table]: { readonly type: Type } & PayloadOf<Table[Type]>;
}[keyof Table];

type PayloadOf<Row> = Row extends { readonly payload: infer Payload }
  ? { readonly [Field in keyof Payload]: Payload[Field] extends t.Type<infer Value> ? Value : never }
  : never;
