/** The fold for a program's own events: what is no event is refused by name before the machine moves. */
import { check } from "../options/check.js";
import { anyObject, exactly, whole } from "../options/codecs.js";
import { aMachine } from "../options/parts.js";
import type { UncheckedEvent } from "../reducers/event-boundary.js";
import type { PositionedEvent } from "../reducers/events.js";
import type { PlainPosition } from "../reducers/position.js";
import { positionedOf, type GivenEvent, type StreamEvent } from "../reducers/stream-event.js";
import { fold as foldEvent } from "./fold.js";
import type { Machine } from "./machine.js";
import { requireEvent } from "./required-event.js";

/**
 * Runs the machine to the event's position and reduces the event. An event is `{ seq, icount, type, ...payload }`, as
 * `run` emits it, or `{ seq, icount, event }`.
 * @throws {OptionError} if it is none; its `option` is the field. The machine has not moved.
 * @throws {Divergence} if the machine would not have had this event here. The machine stays at that position.
 */
export function fold(machine: Machine, event: GivenEvent): void {
  check("fold", ARGUMENTS, { machine, event });
  const { seq, icount } = event;
  check("fold", POSITION, { seq, icount });
  requireEvent("fold", bareOf(event));
  foldEvent(machine, positionedOf(event as PositionedEvent | StreamEvent));
}

/** Nobody has checked yet which fields it has. */
function bareOf(given: GivenEvent): UncheckedEvent {
  if ("event" in given) {
    check("fold", EVENT, { event: given.event });
    return given.event;
  }
  const { seq: _seq, icount: _icount, ns: _ns, ...event } = given;
  return event;
}

const EVENT = exactly<{ readonly event: unknown }>({ event: anyObject });
const ARGUMENTS = exactly<{ readonly machine: Machine; readonly event: unknown }>({
  machine: aMachine,
  event: anyObject,
});
const POSITION = exactly<PlainPosition>({ seq: whole, icount: whole });
