/** Events as a person writes them: `uart16550/byteReceived,byte=65`, with values as `foldvm events` prints them. */
import { nearestOf } from "../../options/nearest.js";
import { OptionError } from "../../options/option-error.js";
import { isEvent, isEventType, type UncheckedEvent } from "../../reducers/event-boundary.js";
import { EVENTS, type EventType, type MachineEvent } from "../../reducers/events.js";
import { payloadOfJson } from "../store/log/index.js";

/** `TYPE,FIELD=VALUE,...`. @throws {OptionError} */
export function eventFromWords(option: string, text: string): MachineEvent {
  const [type = "", ...fields] = text.split(",");
  if (!isEventType(type)) {
    const near = nearestOf(type, Object.keys(EVENTS));
    throw refused(option, text, `there is no event ${type}${near === undefined ? "" : `; is ${near} meant?`}`);
  }
  const event: UncheckedEvent = { type, ...membersFromWords(option, type, fields.join(",")) };
  if (isEvent(event)) return event;
  throw refused(option, text, `${type} has ${Object.keys(EVENTS[type].payload).join(", ")}: give all of them`);
}

/** `FIELD=VALUE,...` of a type. @throws {OptionError} */
export function membersFromWords(option: string, type: EventType, text: string): Readonly<Record<string, unknown>> {
  const pairs = text === "" ? [] : text.split(",");
  return Object.fromEntries(pairs.map((pair) => memberFrom(option, type, pair)));
}

function memberFrom(option: string, type: EventType, pair: string): [string, unknown] {
  const [, field = "", value = ""] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
  const own = Object.keys(EVENTS[type].payload);
  if (!own.includes(field)) {
    const has = own.length === 0 ? "nothing" : own.join(", ");
    throw refused(option, pair, `${type} has ${has}, each as FIELD=VALUE`);
  }
  // 64-bit numbers are texts, all others are numbers; hexadecimal digits may look like either.
  for (const json of /^\d+$/.test(value) ? [Number(value), value] : [value]) {
    const decoded = payloadOfJson(type, { [field]: json });
    if ("payload" in decoded) return [field, decoded.payload[field]];
  }
  throw refused(option, pair, `${type} can't have that; write it as foldvm events prints it`);
}

const refused = (option: string, text: string, why: string): OptionError =>
  new OptionError(`${option} ${text}: ${why}`, { option, value: text });
