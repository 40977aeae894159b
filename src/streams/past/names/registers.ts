/** A hart's registers, by their names. */
import { findRegister, REGISTER_NAMES, type Register } from "../../../machine/named-registers.js";
import { nearestWords, orList } from "../../../options/nearest.js";
import { PlaceError } from "./place-error.js";

/** An integer register, a floating-point one's bits, a CSR or the pc. @throws {PlaceError} */
export function registerNamed(name: string): Register {
  const register = findRegister(name);
  if (register !== undefined) return register;
  const near = nearestWords(name, REGISTER_NAMES).map((other) => `$${other}`);
  throw new PlaceError("NO_SUCH_REGISTER", `there is no register $${name}; is ${orList(near)} meant?`);
}
