/** What a backend emits is an input of its machine, or the run fails with the names of event and field. */
import type { Machine } from "../../../machine/machine.js";
import { faultOf, fieldOf, isEvent, type UncheckedEvent } from "../../../reducers/event-boundary.js";
import { rowOf, type MachineEvent } from "../../../reducers/events.js";
import { isPredictedCause } from "../../../reducers/power.js";

/** A backend emitted what is no input of this machine. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly code = "INVALID_INPUT";

  constructor(
    reason: string,
    /** What was emitted. */
    readonly event: unknown,
    /** The member that is wrong; undefined: all of it is. */
    readonly field?: string,
  ) {
    super(`a backend emits ${reason}`);
  }
}

/** @throws {InputError} */
export function requireInput(machine: Machine, emitted: unknown): asserts emitted is MachineEvent {
  if (!hasType(emitted)) throw new InputError(`${nameOf(emitted)}, which is no event: it has no type`, emitted, "type");
  if (!isEvent(emitted)) {
    const fault = faultOf(emitted);
    const field = fieldOf(fault);
    const place = field === undefined ? "" : `, ${field}`;
    throw new InputError(`${emitted.type}${place}: ${fault.reason}`, emitted, field);
  }
  if (emitted.type === "machine/shutdown") {
    if (!isPredictedCause(emitted.cause)) return;
    throw new InputError(
      `machine/shutdown, cause: ${JSON.stringify(emitted.cause)} is a guest's; a host has host-quit and the like`,
      emitted,
      "cause",
    );
  }
  if (rowOf(emitted.type).origin === "predicted")
    throw new InputError(`${emitted.type}, which is no input: the machine itself makes it`, emitted, "type");
  if (machine.hasDeviceFor(emitted)) return;
  const [place, field] = "slot" in emitted ? [`, slot: ${String(emitted["slot"])}`, "slot"] : ["", "type"];
  throw new InputError(`${emitted.type}${place}: the machine has no such device there`, emitted, field);
}

const hasType = (emitted: unknown): emitted is UncheckedEvent =>
  typeof emitted === "object" && emitted !== null && "type" in emitted && typeof emitted.type === "string";

/** Short, whatever it is. */
const nameOf = (emitted: unknown): string => {
  if (emitted === null || emitted === undefined) return String(emitted);
  return `a value of type ${typeof emitted}`;
};
