/** The boundary between the log and the program: what comes from outside becomes an event only through its io-ts codec. */
import { isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";

import type { EventType, MachineEvent } from "../../reducers/events.js";
import { EVENTS } from "../../reducers/events.js";

/** An event that nobody has checked yet. */
export interface UncheckedEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

export type CheckedEvent =
  | { readonly event: MachineEvent }
  | { readonly fault: "UNKNOWN_EVENT" | "INVALID_EVENT"; readonly reason: string; readonly field?: string };

export const isEventType = (type: string): type is EventType => Object.hasOwn(EVENTS, type);

/** Takes exactly the members that the event has; one more or one less is a fault. */
export const checkEvent = (unchecked: UncheckedEvent): CheckedEvent => {
  const { type } = unchecked;
  if (!isEventType(type))
    return { fault: "UNKNOWN_EVENT", reason: `this foldvm knows no event ${JSON.stringify(type)}` };
  const codec = CODECS[type];
  const surplus = Object.keys(unchecked).find((field) => !Object.hasOwn(codec.props, field));
  if (surplus !== undefined) return { fault: "INVALID_EVENT", reason: `${type} has no such member`, field: surplus };
  const decoded = codec.decode(unchecked);
  if (isLeft(decoded)) {
    const [error] = decoded.left;
    const field = error?.context.at(-1)?.key;
    const reason = `${type} does not decode${error?.message === undefined ? "" : `: ${error.message}`}`;
    return { fault: "INVALID_EVENT", reason, ...(field === undefined ? {} : { field }) };
  }
  // The codec is made from the very table that MachineEvent is derived from.
  return { event: decoded.right as unknown as MachineEvent };
};

const codecOf = (type: string, payload: t.Props): t.TypeC<t.Props> => {
  const members: t.Props = { type: t.literal(type), ...payload };
  return t.type(members);
};

const CODECS = Object.fromEntries(
  Object.entries(EVENTS).map(([type, { payload }]) => [type, codecOf(type, payload)]),
) as Record<EventType, t.TypeC<t.Props>>;
