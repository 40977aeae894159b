/** The library's boundary: what a program gives is looked at before anything is done with it. */
import { isLeft } from "fp-ts/lib/Either.js";
import type * as t from "io-ts";

import { MEANT } from "./codecs.js";
import { OptionError } from "./option-error.js";

/** `who` was called. @throws {OptionError} with the place, the value, and what was probably meant */
export const check = (who: string, codec: t.Mixed, given: unknown): void => {
  const decoded = codec.decode(given);
  if (!isLeft(decoded)) return;
  const [error] = decoded.left;
  const context = withoutBranches(error?.context ?? []);
  const path = context.map(({ key }) => key).filter((key) => key !== "");
  const option = path.join(".");
  const reason = error?.message ?? `expected ${context.at(-1)?.type.name ?? "something else"}`;
  const nearest = reason.split(MEANT)[1];
  throw new OptionError(`${[who, option].filter((part) => part !== "").join(": ")} ${shown(error?.value)}: ${reason}`, {
    ...(option === "" ? {} : { option }),
    value: error?.value,
    ...(nearest === undefined ? {} : { nearest }),
  });
};

/** What a message shows of a value. */
const MAX_SHOWN_LETTERS = 40;

/** Up to a value that may be of several types: which of them it is not is no place in what was given. */
const withoutBranches = (context: t.Context): t.Context => {
  const union = context.findIndex(({ type }) => "_tag" in type && type._tag === "UnionType");
  return union < 0 ? context : context.slice(0, union + 1);
};

/** Short, whatever it is: an image may have been given. */
const shown = (value: unknown): string => {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > MAX_SHOWN_LETTERS ? `${value.slice(0, MAX_SHOWN_LETTERS)}…` : value);
    case "bigint":
      return `${String(value)}n`;
    case "function":
      return "(a function)";
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return value.length === 0 ? "[]" : "(a list)";
      return Object.keys(value).length === 0 ? "{}" : "(an object)";
    default:
      return String(value);
  }
};
