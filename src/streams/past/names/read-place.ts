/** What is at a place, in a state, or what is computed of that. */
import { frameIn } from "./frame.js";
import { Expression, type Scope } from "./expression/index.js";
import { bytesAt } from "./location-bytes.js";
import { PlaceError } from "./place-error.js";
import { hasWidth, locate, textOf, type Located, type Place } from "./place.js";
import { readRegister } from "../../../machine/named-registers.js";
import { registerNamed } from "./registers.js";
import type { Type } from "./type.js";
import { valueOfBytes, type GuestValue } from "./value.js";

export interface ValueWithType {
  readonly value: GuestValue;
  readonly type: Type | undefined;
}

/**
 * What is computed of values, as `link.head - link.tail`, is a value, too: an integer of 64 bits, or a pointer.
 * @throws {PlaceError} where it is no place, or nothing is mapped there
 */
export function readPlace(place: Place, scope: Scope): ValueWithType {
  const computed = typeof place === "string" && !hasWidth(place) ? computedOf(place, scope) : undefined;
  if (computed !== undefined) return computed;
  const located = locate(place, scope);
  if (located.location.kind === "named") {
    return { value: readRegister(scope.at, registerNamed(located.location.register)), type: undefined };
  }
  return { value: valueOfBytes(located, bytesOf(place, located, scope)), type: located.type };
}

/** Undefined: it lies somewhere, or is an address. */
function computedOf(text: string, scope: Scope): ValueWithType | undefined {
  if (text.trim() === "") return undefined;
  const expression = new Expression(text);
  if (!expression.isComputation) return undefined;
  const { isComputed = false, isSigned, type } = expression.in(scope);
  if (!isComputed) return undefined;
  const value = expression.value(scope);
  return {
    value: isSigned ? BigInt.asIntN(64, value) : value,
    type: type ?? { kind: "integer", name: isSigned ? "long" : "unsigned long", bytes: 8, isSigned },
  };
}

function bytesOf(place: Place, { location, bytes }: Located, scope: Scope): Uint8Array {
  const read = location.kind === "named" ? undefined : bytesAt(location, bytes, frameIn(scope));
  if (read !== undefined) return read;
  throw new PlaceError("CANNOT_ACCESS", `${textOf(place)} has no value here: it reads memory where nothing is mapped`);
}
