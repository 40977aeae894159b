/** What a function says of a moment, where all that it reads is there: early in a run, most is not mapped yet. */
import { PlaceError } from "../names/place-error.js";

/** Undefined: a place has no value in that state. Throws whatever else the function does. */
export function whereMapped<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (fault) {
    if (fault instanceof PlaceError && fault.code === "CANNOT_ACCESS") return undefined;
    throw fault;
  }
}
