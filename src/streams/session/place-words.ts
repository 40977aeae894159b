/** A place of a recording as a person writes it: one form for all commands and tools that take one. */
import { OptionError } from "../../options/option-error.js";
import { textSteps, untilOf, type When } from "../past/query/at.js";
import { paced } from "../past/paced.js";
import type { Recording } from "../past/recording.js";
import type { Until } from "../past/until.js";
import { matchingTypes, nearestTypes } from "../store/event-types.js";
import { patternOf } from "./pattern-words.js";

/** Where that is in a recording. Fails as `at` does. @throws {PositionError} where there is no such place */
export type PlaceIn = (recording: Recording) => Until;

/** All forms, as the end of a message. */
export const PLACE_WORDS =
  "an instruction count, seq:N, SEQ@ICOUNT, start, end, a time (ns:N, 1.5s), /TEXT/ or event:TYPE";

/** Nothing is looked for yet. @throws {OptionError} where it is none of the forms, or says something impossible */
export function placeOf(text: string): PlaceIn {
  for (const { form, read } of FORMS) {
    const found = form.exec(text);
    if (found !== null) return read(text, ...found.slice(1));
  }
  throw new OptionError(`${text}: give ${PLACE_WORDS}`, { value: text });
}

/**
 * The place in a recording; the host has its turns while a text is looked for. `watched`: the same steps, which may end
 * earlier. Fails as `placeOf` does.
 */
export const placeWithTurns = async (
  text: string,
  recording: Recording,
  watched: <End>(steps: Generator<unknown, End>) => Generator<unknown, End> = (steps) => steps,
): Promise<Until> =>
  isSoughtPlace(text) ? paced(watched(textSteps(recording, patternOf(text)))) : placeOf(text)(recording);

/** Whether a replay looks for it. */
export const isSoughtPlace = (text: string): boolean => TEXT.test(text);

/** Whether it has one of the forms. */
export const isPlace = (text: string): boolean => FORMS.some(({ form }) => form.test(text));

interface Form {
  readonly form: RegExp;
  /** Of what the form matches: the text, and its parts. */
  readonly read: (text: string, ...parts: readonly string[]) => PlaceIn;
}

/** As it was printed, 500,000,000, or 500_000_000. */
const NUMBER = String.raw`(\d[\d_,]*)`;
/** How many decimal digits of a nanosecond a unit has. */
const UNITS: Readonly<Record<string, number>> = { ns: 0, us: 3, ms: 6, s: 9 };

const TEXT = /^\/.*\/[a-z]*$/s;

const FORMS: readonly Form[] = [
  { form: /^start$/, read: () => (recording) => positionOf(recording.log.start) },
  { form: /^end$/, read: () => endOf },
  { form: wholly(NUMBER), read: (text, icount = "") => always(whole(text, icount)) },
  { form: wholly(`seq:${NUMBER}`), read: (text, seq = "") => always({ seq: whole(text, seq) }) },
  {
    form: wholly(`${NUMBER}@${NUMBER}`),
    read: (text, seq = "", icount = "") => always({ seq: whole(text, seq), icount: whole(text, icount) }),
  },
  { form: wholly(`ns:${NUMBER}`), read: (text, ns = "") => there({ ns: whole(text, ns) }) },
  {
    form: /^(\d[\d_,]*)(?:\.(\d+))?(ns|us|ms|s)$/,
    read: (text, units = "", parts = "", unit = "") => there({ ns: nsOf(text, units, parts, unit) }),
  },
  { form: /^event:(.*)$/, read: (text, type = "") => there({ event: eventType(text, type) }) },
  { form: TEXT, read: (text) => there({ text: patternOf(text) }) },
];

function wholly(form: string): RegExp {
  return new RegExp(`^${form}$`);
}

const positionOf = ({ seq, icount }: { readonly seq: number; readonly icount: number }): Until => ({ seq, icount });

const endOf: PlaceIn = ({ log: { end, lastSeq, lastIcount } }) =>
  positionOf(end ?? { seq: lastSeq, icount: lastIcount });

const always =
  (until: Until): PlaceIn =>
  () =>
    until;

const there =
  (when: When): PlaceIn =>
  (recording) =>
    untilOf(recording, when) ?? endOf(recording);

/** @throws {OptionError} */
function whole(text: string, digits: string): number {
  const number = Number(digits.replaceAll(/[_,]/g, ""));
  if (!Number.isSafeInteger(number)) throw new OptionError(`${text}: the number is too large`, { value: text });
  return number;
}

/** @throws {OptionError} */
function nsOf(text: string, units: string, parts: string, unit: string): number {
  const digits = UNITS[unit] ?? 0;
  if (parts.length > digits) throw new OptionError(`${text}: give no part of a nanosecond`, { value: text });
  return whole(text, units + parts.padEnd(digits, "0"));
}

type NamedEvent = Extract<When, { event: unknown }>["event"];

/** @throws {OptionError} */
function eventType(text: string, type: string): NamedEvent {
  if (matchingTypes(type).length > 0) return type as NamedEvent;
  throw new OptionError(`${text}: there is no event ${type}; ${nearestTypes(type)}`, { value: text });
}
