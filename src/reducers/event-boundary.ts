/** Checks everything that comes from outside against the io-ts codec of its event. Nothing else becomes an event. */
import { isLeft } from "fp-ts/lib/Either.js";
import * as t from "io-ts";

import { EVENTS, type EventType, type MachineEvent } from "./events.js";

/** An event that is not yet checked. */
export interface UncheckedEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface EventFault {
  readonly code: "UNKNOWN_EVENT" | "INVALID_EVENT";
  readonly reason: string;
  readonly field?: string;
}

/** The field to name to whoever made the event; undefined: it is the event as a whole. */
export const fieldOf = ({ code, field }: EventFault): string | undefined => (code === "UNKNOWN_EVENT" ? "type" : field);

export const isEventType = (type: string): type is EventType => Object.hasOwn(EVENTS, type);

/**
 * Whether the event has exactly the members of its type, each as its codec says. Every event of a run passes this
 * check.
 */
export const isEvent = (unchecked: UncheckedEvent): unchecked is UncheckedEvent & MachineEvent => {
  const fields = FIELDS.get(unchecked.type);
  if (fields === undefined) return false;
  let members = 0;
  for (const _ in unchecked) members += 1;
  if (members !== fields.length + 1) return false;
  for (const { name, codec } of fields) if (!codec.is(unchecked[name])) return false;
  return true;
};

/** Says why the event is invalid. */
export const faultOf = (unchecked: UncheckedEvent): EventFault => {
  const { type } = unchecked;
  if (!isEventType(type))
    return { code: "UNKNOWN_EVENT", reason: `this foldvm knows no event ${JSON.stringify(type)}` };
  const codec = codecOf(type);
  const surplus = Object.keys(unchecked).find((field) => !Object.hasOwn(codec.props, field));
  if (surplus !== undefined) return { code: "INVALID_EVENT", reason: `${type} has no such member`, field: surplus };
  const decoded = codec.decode(unchecked);
  const [error] = isLeft(decoded) ? decoded.left : [];
  const field = error?.context.at(-1)?.key;
  if (field !== undefined && !Object.hasOwn(unchecked, field))
    return { code: "INVALID_EVENT", reason: `${type} lacks this member`, field };
  const reason = `${type} does not decode${error?.message === undefined ? "" : `: ${error.message}`}`;
  return { code: "INVALID_EVENT", reason, ...(field === undefined ? {} : { field }) };
};

const codecOf = (type: EventType): t.TypeC<t.Props> => {
  const members: t.Props = { type: t.literal(type), ...EVENTS[type].payload };
  return t.type(members);
};

/**
 * The members besides `type`. Checking them one by one avoids the report that a codec prepares: valid events take a
 * tenth of the time.
 */
const FIELDS: ReadonlyMap<string, readonly { readonly name: string; readonly codec: t.Mixed }[]> = new Map(
  Object.entries(EVENTS).map(([type, { payload }]) => [
    type,
    Object.entries<t.Mixed>(payload).map(([name, codec]) => ({ name, codec })),
  ]),
);
