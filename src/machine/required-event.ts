/** What a program gives as an event is one, or is refused by the name of its field. */
import { OptionError } from "../options/option-error.js";
import { faultOf, fieldOf, isEvent, type UncheckedEvent } from "../reducers/event-boundary.js";

/** `who` was called. @throws {OptionError} with the field */
export function requireEvent(who: string, event: UncheckedEvent): void {
  if (isEvent(event)) return;
  const fault = faultOf(event);
  const { reason } = fault;
  const field = fieldOf(fault);
  if (field === undefined) throw new OptionError(`${who}: ${reason}`, { value: event });
  throw new OptionError(`${who}: ${field}: ${reason}`, { option: field, value: event[field] });
}
