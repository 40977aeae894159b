/** What a run can be asked to go on until: a comparison of two of the monitor's numbers, such as `$a0 >= 0x10`. */
import type { MachineState } from "../../../machine/state.js";
import { evaluate } from "./expression.js";
import { MonitorError } from "./monitor-error.js";

/** Unsigned, as addresses are. */
const COMPARISONS: Readonly<Record<string, (left: bigint, right: bigint) => boolean>> = {
  "==": (left, right) => left === right,
  "!=": (left, right) => left !== right,
  "<=": (left, right) => left <= right,
  ">=": (left, right) => left >= right,
  "<": (left, right) => left < right,
  ">": (left, right) => left > right,
};

/** Tried once on `state`, so that what can't be is said at once. @throws {MonitorError} */
export function conditionOf(text: string, state: MachineState): (state: MachineState) => boolean {
  const [, left, operator = "", right] = /^([^=!<>]+)(==|!=|<=|>=|<|>)([^=!<>]+)$/.exec(text) ?? [];
  const compare = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
  if (left === undefined || right === undefined || compare === undefined) {
    throw new MonitorError(
      "INVALID_CONDITION",
      `${text}: compare two numbers by ${Object.keys(COMPARISONS).join(" ")}, such as $a0 == 3`,
    );
  }
  const condition = (at: MachineState): boolean => compare(evaluate(left, at), evaluate(right, at));
  condition(state);
  return condition;
}
