/**
 * What a query asks of a replay. A question is plain data, so that it can go to another thread. What hears the answer
 * is opened from it, where the replay is.
 */
import type { Probed, Probes } from "../../../machine/engine/probes.js";
import type { Machine } from "../../../machine/machine.js";
import type { Effect } from "../../../reducers/effect.js";
import type { PositionedEvent } from "../../../reducers/events.js";
import type { KeptState } from "../kept-states.js";
import type { Explanation } from "./explanation.js";

export interface Question<About = unknown> {
  /** A name in `KINDS`. */
  readonly kind: string;
  readonly about: About;
}

/** One kind of question: its name, and who hears the answer to one. What is found is plain data too. */
export interface Kind<About, Found> {
  readonly name: string;
  listen(about: About): Listener<Found>;
}

/** Hears a part of a replay, and notes what it finds while the machine stands there, so that registers can be read. */
export interface Listener<Found> {
  /** Another object from where `told` broke the machine's run off, on: what is watched follows. */
  readonly probes?: Probes;
  /** A probe told something. `icount`: the instructions retired before. */
  told?(machine: Machine, icount: number, probed: Probed): Found | undefined;
  /** The guest asked something of the world. */
  heard?(machine: Machine, effect: Effect): readonly Found[];
  /** The machine stands: after an event, after a listener broke off its run, or at no place in particular. */
  stands?(machine: Machine, event: PositionedEvent | undefined): readonly Found[];
  /** Where the machine is to stand next, so that `stands` is called there. */
  nextIcount?(machine: Machine): number;
  /**
   * It hears a machine that runs from now on. `begun`: by their consoles' ports, lines that are printed in part. For
   * listeners that need all.
   */
  joins?(begun: ReadonlyMap<string, string>): void;
  /** The machine stands where the range ends. For listeners that need all: what others hear may go on elsewhere. */
  ends?(machine: Machine): readonly Found[];
  /** Whether two states, one behind the other, show that nothing is to be found between them. */
  rulesOut?(before: KeptState, after: KeptState): boolean;
  /** What is found may come of what happened long before it, so the recording is heard from the beginning on. */
  readonly needsAll?: boolean;
}

/** Makes rows of what is found, in order. */
export interface Reading<Row> {
  /** Undefined: a function of the caller is a part of it, so it can't leave this thread. */
  readonly question: Question | undefined;
  /** For a part of a replay. `isBeginning`: the one in which the range begins. */
  listen(isBeginning: boolean): Listener<unknown>;
  take(found: unknown, emit: (row: Row) => void): void;
  /** After the last one. */
  end?(emit: (row: Row) => void): void;
  /** Rows that take a replay of another question to tell, some at a time, so that the host has its turns. */
  more?(): Iterable<readonly Row[]>;
  /** Throws now what it would throw as it begins to be answered, with what it names. */
  tried?(): void;
  /** Nobody reads on. */
  leave?(): void;
  /** Questions that are asked with it, which say what they cost. */
  readonly others?: readonly { explanation(): Iterable<readonly Explanation[]> }[];
  /** A row may come of what was found before it. */
  readonly isOrdered?: boolean;
}

/** The reading of a question of a kind, each of whose finds is a row or none. */
export const readingOf = <About, Found, Row>(
  kind: Kind<About, Found>,
  about: About,
  rowOf: (found: Found) => Row | undefined,
): Reading<Row> => ({
  question: { kind: kind.name, about },
  listen: () => kind.listen(about),
  take(found, emit) {
    const row = rowOf(found as Found);
    if (row !== undefined) emit(row);
  },
});
