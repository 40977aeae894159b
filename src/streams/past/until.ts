/** Where to stop, as a program says it. */
import { check } from "../../options/check.js";
import { either, exactly, maybe, value, whole } from "../../options/codecs.js";

/**
 * An icount (before the events that stand there), a seq (after that event), or both: after that event, run on to the
 * icount.
 */
export type Until = number | { readonly seq?: number; readonly icount?: number };

const PLACE = exactly<Exclude<Until, number>>({ seq: maybe(whole), icount: maybe(whole) });

const NAMES_NOTHING = value("a seq, an icount, or both", (given) =>
  Object.values(given as object).some((part) => part !== undefined),
);

export const UNTIL = either("an icount, { seq }, or { seq, icount }: whole numbers, 0 or more", whole, PLACE);

/** @throws {OptionError} */
export const checkUntil = (who: string, until: Until | undefined): void => {
  if (until === undefined) return;
  if (typeof until !== "object" || until === null) {
    check(who, UNTIL, until);
    return;
  }
  check(who, PLACE, until);
  check(who, NAMES_NOTHING, until);
};
