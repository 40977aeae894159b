/** Rows as a program hands them on: those of a query, or its own. */
import { value } from "../../../options/codecs.js";

export type Rows = Iterable<unknown> | AsyncIterable<unknown>;

export const someRows = value<Rows>(
  "an Iterable or AsyncIterable of rows",
  (given) => typeof given === "object" && given !== null && (Symbol.asyncIterator in given || Symbol.iterator in given),
);
