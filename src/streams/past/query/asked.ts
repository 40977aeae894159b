/** What every question takes. */
import { check } from "../../../options/check.js";
import { anything, exactly, maybe, value, type Codec } from "../../../options/codecs.js";
import { aRecording, symbols as someSymbols } from "../../../options/parts.js";
import type { Symbol } from "../../../machine/symbol-table.js";
import type { Recording } from "../recording.js";
import { checkUntil } from "../until.js";
import type { Range } from "./range.js";

export interface AskedOptions extends Range {
  /** Names for addresses, beside those of the recording's own images. */
  readonly symbols?: readonly Symbol[] | undefined;
}

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

/** @throws {OptionError} */
export function checkQuery(
  who: string,
  recording: Recording,
  options: AskedOptions,
  own: Readonly<Record<string, Codec>>,
): void {
  check(who, exactly<{ readonly recording: Recording }>({ recording: aRecording }), { recording });
  const members = { from: maybe(anything), until: maybe(anything), symbols: maybe(someSymbols), ...own };
  check(who, exactly<AskedOptions>(members), options);
  checkUntil(`${who}: from`, options.from);
  checkUntil(`${who}: until`, options.until);
}

/** Of the recording's images, and those that were given beside them. */
export const symbolsOf = (recording: Recording, { symbols = [] }: AskedOptions): readonly Symbol[] => [
  ...recording.symbols(),
  ...symbols,
];
