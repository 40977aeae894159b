/** What a tool is called with, member by member. */
import { OptionError } from "../../options/option-error.js";
import type { Recording } from "../past/recording.js";
import type { Until } from "../past/until.js";
import { PLACE_WORDS, placeOf } from "../session/place-words.js";

export type Given = Readonly<Record<string, unknown>>;

export type Recordings = ReadonlyMap<string, Recording>;

/** Of a schema: a place of a recording. */
export const whereSchema = (what: string): object => ({
  type: ["integer", "string"],
  minimum: 0,
  description: `${what}: ${PLACE_WORDS}`,
});

export const recordingSchema = (recordings: Recordings, what: string): object => ({
  enum: [...recordings.keys()],
  description: what,
});

/** The one of that name; the only one where none is given. @throws {OptionError} */
export function chosen(recordings: Recordings, given: Given, member = "recording"): Recording {
  const name = text(given, member);
  const [only] = recordings.values();
  const found = name === undefined && recordings.size === 1 ? only : recordings.get(name ?? "");
  if (found === undefined) throw refusal(member, name, `there are ${[...recordings.keys()].join(", ")}`);
  return found;
}

/** @throws {OptionError} @throws {PositionError} */
export function where(given: Given, member: string, recording: Recording): Until | undefined {
  const found = given[member];
  if (typeof found === "string") return placeOf(found)(recording);
  return whole(given, member);
}

/** @throws {OptionError} */
export function text(given: Given, member: string): string | undefined {
  const found = given[member];
  if (found === undefined || typeof found === "string") return found;
  throw refusal(member, found, "give a text");
}

/** @throws {OptionError} */
export function whole(given: Given, member: string): number | undefined {
  const found = given[member];
  if (found === undefined || (Number.isSafeInteger(found) && (found as number) >= 0))
    return found as number | undefined;
  throw refusal(member, found, "give a whole number, 0 or more");
}

/** False where it is left out. @throws {OptionError} */
export function flag(given: Given, member: string): boolean {
  const found = given[member] ?? false;
  if (typeof found === "boolean") return found;
  throw refusal(member, found, "give true or false");
}

/** From 1 to a bound. @throws {OptionError} */
export function bounded(given: Given, member: string, standard: number, most: number): number {
  const found = whole(given, member) ?? standard;
  if (found < 1 || found > most) throw refusal(member, found, `give 1 to ${String(most)}`);
  return found;
}

export const refusal = (option: string, value: unknown, remedy: string): OptionError =>
  new OptionError(`${option} ${JSON.stringify(value) ?? "is missing"}: ${remedy}`, { option, value });
