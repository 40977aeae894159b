/** `changes PLACE`: the history of what is at a place, each value as its type says. */
import { OptionError } from "../../options/option-error.js";
import type { MomentView } from "../past/moment-view.js";
import { readPlace } from "../past/names/read-place.js";
import type { Type } from "../past/names/type.js";
import { valueText, type GuestValue } from "../past/names/value.js";
import { changes, UntrackedError, where, type AskedOptions, type Change, type Query } from "../past/query/index.js";
import type { Recording } from "../past/recording.js";
import { rowText, type QuestionRow } from "./row-text.js";

export interface PlaceHistory {
  readonly rows: Query<Change<GuestValue>>;
  /** A row as a person reads it: numbers, texts and names as in the source. */
  readonly textOf: (row: QuestionRow) => string;
}

/** `link.count`, or `a0 at link_read`: what it is where a hart arrives there. */
const WORDS = /^(?<place>.*\S)\s+at\s+(?<instruction>\S.*)$/s;

export function placeHistory(recording: Recording, words: string, options: AskedOptions): PlaceHistory {
  const { place = words, instruction } = WORDS.exec(words)?.groups ?? {};
  let typeThere: Type | undefined;
  const valueOf = (moment: MomentView): GuestValue => {
    const { value, type } = inMemory(place, () => readPlace(place, moment.scope));
    typeThere = type;
    return value;
  };
  const rows = changes(recording, valueOf, { at: instruction, ...options }).pipe(where(isChange));
  return { rows, textOf: (row) => rowText(row, (value) => valueText(value as GuestValue, typeThere)) };
}

/** @throws {OptionError} where it is not */
function inMemory<Found>(place: string, read: () => Found): Found {
  try {
    return read();
  } catch (fault) {
    if (!(fault instanceof UntrackedError)) throw fault;
    const message = `${place} is not in memory, and may change at any instruction: say where to look, as in ${place} at main`;
    throw new OptionError(message, { option: "of", value: place });
  }
}

/** Where a range begins there is a value, but no change: it is what was there before the first. */
const isChange = ({ pc, before }: Change<GuestValue>): boolean => pc !== undefined || before !== undefined;
