/** What is typed at a monitor for a number: C's expressions over the names, registers and memory of its target. */
import { Expression, type Scope } from "../../past/names/expression/index.js";
import { selectedFrame } from "./frames.js";
import { MonitorError } from "../target/monitor-error.js";
import type { MonitorTarget } from "../target/target.js";

/** As it stands, in the frame that was chosen. */
export const scopeOf = (target: MonitorTarget): Scope => ({
  names: target.names,
  at: target.present(),
  frame: selectedFrame(target).frame,
});

/** @throws {PlaceError} where it is no expression, has a name that is not there, or has no value now */
export const valueOf = (text: string, target: MonitorTarget): bigint => new Expression(text).value(scopeOf(target));

/** A number that counts something. @throws {PlaceError} @throws {MonitorError} */
export function countOf(text: string, target: MonitorTarget): number {
  const scope = scopeOf(target);
  const expression = new Expression(text);
  const value = expression.value(scope);
  if (expression.in(scope).isSigned && value >> 63n === 1n) {
    throw new MonitorError("INVALID_NUMBER", `${text} is negative; give a count from 0`);
  }
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw new MonitorError(
    "INVALID_NUMBER",
    `${text} is too large to count: the largest is ${String(Number.MAX_SAFE_INTEGER)}`,
  );
}
