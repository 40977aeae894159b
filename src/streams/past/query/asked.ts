/** What every question takes. */
import { check } from "../../../options/check.js";
import { anything, exactly, maybe, value, type Codec } from "../../../options/codecs.js";
import { aRecording } from "../../../options/parts.js";
import type { Scope } from "../names/expression/index.js";
import type { Recording } from "../recording.js";
import { checkUntil, type Until } from "../until.js";
import type { Range } from "./range.js";

export type AskedOptions = Range;

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
  const members = { from: maybe(anything), until: maybe(anything), ...own };
  check(who, exactly<AskedOptions>(members), options);
  checkUntil(`${who}: from`, options.from);
  checkUntil(`${who}: until`, options.until);
}

/** Names mean what they do everywhere; where one takes memory to find (`task->comm`), it is as it is at a position. */
export const globalScope = (recording: Recording, until: Until | undefined): Scope => ({
  names: recording.names,
  get at() {
    return recording.at(until);
  },
  isGlobal: true,
});
