/** What may be given as a place, before it is looked for. */
import { value } from "../../../options/codecs.js";

/** A text, an address, or an address with a width. */
export const placeCodec = value(
  "a symbol's name, an address, or { address, bytes }",
  (given) =>
    typeof given === "string" ||
    isAddress(given) ||
    (typeof given === "object" && given !== null && "address" in given && isAddress(given.address)),
);

const isAddress = (given: unknown): boolean =>
  typeof given === "bigint" || (Number.isSafeInteger(given) && (given as number) >= 0);
