/** How a row of the table in requests.ts is made. */
import { check } from "../../../options/check.js";
import { exactly, type Codec } from "../../../options/codecs.js";
import type { Given } from "./launcher.js";
import type { Answer, DapRequest, DapSession } from "./session.js";

/**
 * `members`: those of its arguments that are looked at; a client may send more.
 *
 * @throws {OptionError} when it is asked with others than these
 */
export const request =
  <Asked extends object>(
    members: { readonly [Name in keyof Required<Asked>]: Codec },
    answer: (session: DapSession, asked: Asked) => Answer | Promise<Answer>,
  ): DapRequest =>
  (session, given) =>
    answer(session, checked(members, given));

/** Those members alone. */
export function checked<Asked extends object>(
  members: { readonly [Name in keyof Required<Asked>]: Codec },
  given: Given,
): Asked {
  const asked = Object.fromEntries(Object.keys(members).map((name) => [name, given[name] ?? undefined])) as Asked;
  check("", exactly<Asked>(members), asked);
  return asked;
}
