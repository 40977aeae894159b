/** How often a breakpoint must have been met before it stops: `3`, `>= 3`, `== 3`, `< 3`, `% 3`. */
import { DapError } from "../dap-error.js";

export type IsWanted = (hits: number) => boolean;

/** A number alone: from that time on. @throws {DapError} */
export function hitCondition(text: string): IsWanted {
  const [, operator = "", digits = ""] = /^\s*(>=|<=|==|=|>|<|%)?\s*(\d{1,15})\s*$/.exec(text) ?? [];
  const number = Number(digits);
  if (digits === "" || (operator === "%" && number === 0)) {
    throw new DapError(
      "NOT_HERE",
      `hit condition ${JSON.stringify(text)}: give a number, or >=, >, ==, <, <= or % and one`,
    );
  }
  switch (operator) {
    case "":
    case ">=":
      return (hits) => hits >= number;
    case ">":
      return (hits) => hits > number;
    case "<":
      return (hits) => hits < number;
    case "<=":
      return (hits) => hits <= number;
    case "%":
      return (hits) => hits % number === 0;
    default:
      return (hits) => hits === number;
  }
}
