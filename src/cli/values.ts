/** Values of options. */
import type { Recording } from "../streams/past/recording.js";
import type { Until } from "../streams/past/until.js";
import { placeOf, type PlaceIn } from "../streams/session/place-words.js";
import { problemsOf, UsageError } from "./problems.js";

/** A number that a person may write as 500_000_000, or as it was printed: 500,000,000. @throws {UsageError} */
export function integer(option: string, text: string): number {
  const value = /^\d[\d_,]*$/.test(text) ? Number(text.replaceAll(/[_,]/g, "")) : NaN;
  if (!Number.isSafeInteger(value)) throw new UsageError(`${option} ${text}: give a whole number`);
  return value;
}

/** @throws {UsageError} */
export function seconds(option: string, text: string): number {
  const value = /^(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : NaN;
  if (!(value > 0 && value <= MAX_SECONDS)) {
    const most = value > MAX_SECONDS ? `at most ${String(MAX_SECONDS)} ` : "";
    throw new UsageError(`${option} ${text}: give ${most}seconds, such as 60 or 0.5`);
  }
  return value;
}

/** A JavaScript timer has 31 bits of ms. */
export const MAX_SECONDS = 2_147_483;

/** A place of the recording that a command is about; undefined: the option was left out. */
export type PlaceOption = (recording: Recording) => Until | undefined;

/** Of an option that may be left out. Nothing is looked for yet. @throws {UsageError} */
export const placeOption = (option: string, text: string | undefined): PlaceOption =>
  text === undefined ? () => undefined : placeValue(option, text);

/** @throws {UsageError} where it says no place */
export function placeValue(option: string, text: string): PlaceIn {
  try {
    return placeOf(text);
  } catch (fault) {
    throw new UsageError(...problemsOf(fault).map((problem) => `${option} ${problem}`));
  }
}
