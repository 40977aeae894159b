/** What is at a place, in a state. */
import { frameIn } from "./frame.js";
import type { Scope } from "./expression/index.js";
import { bytesAt } from "./location-bytes.js";
import { PlaceError } from "./place-error.js";
import { locate, textOf, type Located, type Place } from "./place.js";
import { readRegister, registerNamed } from "./registers.js";
import type { Type } from "./type.js";
import { valueOfBytes, type GuestValue } from "./value.js";

export interface ValueWithType {
  readonly value: GuestValue;
  readonly type: Type | undefined;
}

/** @throws {PlaceError} where it is no place, or nothing is mapped there */
export function readPlace(place: Place, scope: Scope): ValueWithType {
  const located = locate(place, scope);
  if (located.location.kind === "named") {
    return { value: readRegister(scope.at, registerNamed(located.location.register)), type: undefined };
  }
  return { value: valueOfBytes(located, bytesOf(place, located, scope)), type: located.type };
}

function bytesOf(place: Place, { location, bytes }: Located, scope: Scope): Uint8Array {
  const read = location.kind === "named" ? undefined : bytesAt(location, bytes, frameIn(scope));
  if (read !== undefined) return read;
  throw new PlaceError("CANNOT_ACCESS", `${textOf(place)} has no value here: it reads memory where nothing is mapped`);
}
