/** What a table of events says, and the type of the events in it. Each part of the machine has a table of its own. */
import type * as t from "io-ts";

export interface EventRow {
  /** The event's tag in the log: never reuse or renumber one. */
  readonly wireId: number;
  /** `input`: only the host knows it. `predicted`: the state itself expects it, so replay can check it. */
  readonly origin: "input" | "predicted";
  /** It answers an access that waits: the instruction that stands at its position is tried again. */
  readonly isAnswer?: true;
  /** The codec of each field: also its layout in the log. */
  readonly payload: t.Props;
}

/** By type: past tense, `device/happened`. */
export type EventTable = Readonly<Record<string, EventRow>>;

/** Of a device that takes none. */
export const NO_EVENTS = {} as const;
export type NoEvents = typeof NO_EVENTS;

/** The events of a table. */
export type EventIn<Table> = {
  readonly [Type in keyof Table]: { readonly type: Type } & PayloadOf<Table[Type]>;
}[keyof Table];

type PayloadOf<Row> = Row extends { readonly payload: infer Payload }
  ? { readonly [Field in keyof Payload]: Payload[Field] extends t.Type<infer Value> ? Value : never }
  : never;
