/** The names of all events, and patterns of them. */
import { EVENTS, type EventType } from "../../reducers/events.js";

export const EVENT_TYPES = Object.keys(EVENTS) as readonly EventType[];

/** `uart16550/*` matches all events of a device. Returns an empty list if nothing matches. */
export const matchingTypes = (pattern: string): readonly EventType[] =>
  EVENT_TYPES.filter((type) => type === pattern || (pattern.endsWith("/*") && type.startsWith(pattern.slice(0, -1))));
