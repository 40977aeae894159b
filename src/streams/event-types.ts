/** The names of all events. */
import { EVENTS, type EventType } from "../reducers/events.js";

export const EVENT_TYPES = Object.keys(EVENTS) as readonly EventType[];
