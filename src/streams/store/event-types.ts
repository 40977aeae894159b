/** The names of all events, and patterns of them. */
import { nearestOf, orList } from "../../options/nearest.js";
import { EVENTS, type EventType } from "../../reducers/events.js";

export const EVENT_TYPES = Object.keys(EVENTS) as readonly EventType[];

/** `uart16550/*` matches all events of a device. Returns an empty list if nothing matches. */
export const matchingTypes = (pattern: string): readonly EventType[] =>
  EVENT_TYPES.filter((type) => type === pattern || (pattern.endsWith("/*") && type.startsWith(pattern.slice(0, -1))));

/** For a pattern that matches nothing: what was probably meant, or all that there is, as the end of a message. */
export const nearestTypes = (pattern: string): string => {
  const meant = meantBy(pattern.replace(/\/\*?$/, ""));
  return meant.length === 0 ? `there are ${EVENT_TYPES.join(", ")}` : `is ${orList(meant)} meant?`;
};

/** A device's events by its name, an event by its own, or one that is written otherwise. */
const meantBy = (word: string): readonly string[] => {
  const groups = [...new Set(EVENT_TYPES.map(groupOf))];
  const group = groups.includes(word) ? word : nearestOf(word, groups);
  if (group !== undefined) {
    const types = matchingTypes(`${group}/*`);
    return types.length === 1 ? types : [...types, `${group}/*`];
  }
  const named = EVENT_TYPES.filter((type) => type.slice(groupOf(type).length + 1) === word);
  const near = nearestOf(word, EVENT_TYPES);
  return named.length > 0 || near === undefined ? named : [near];
};

const groupOf = (type: string): string => type.slice(0, type.indexOf("/"));
