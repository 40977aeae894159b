/** Several questions about the same part of a recording, answered by one replay. */
import type { Probed, Probes } from "../../../machine/engine/probes.js";
import { allWanted, wanting } from "../../../machine/engine/wanted.js";
import type { Machine } from "../../../machine/machine.js";
import type { Effect } from "../../../reducers/effect.js";
import { Query } from "./query.js";
import type { Listener, Reading } from "./question.js";
import type { RowOfHart } from "./row.js";

/** A row with the word of its question. */
export type RowTogether = RowOfHart & { readonly kind: string };

interface Asked {
  readonly kind: string;
  readonly reading: Reading<RowOfHart>;
}

interface Found {
  readonly index: number;
  readonly found: unknown;
}

/**
 * All must be of one recording and range, made by no operator, and about what is told as it happens, not about where a
 * machine stands. Each question's rows are in their order; one whose rows wait for something, as for results, may be
 * behind the others.
 */
export function together(questions: Readonly<Record<string, Query<RowOfHart>>>): Query<RowTogether> {
  const queries = Object.entries(questions);
  const [first] = queries;
  if (first === undefined) throw new Error("there is nothing to ask");
  const { recording, range } = first[1];
  const open = (): Reading<RowTogether> =>
    readingOfAll(queries.map(([kind, query]) => ({ kind, reading: query.opening() })));
  return new Query(recording, open, range);
}

const readingOfAll = (asked: readonly Asked[]): Reading<RowTogether> => ({
  question: undefined,
  listen: (isBeginning) => new ListenerOfAll(asked.map(({ reading }) => reading.listen(isBeginning))),
  isOrdered: true,
  take(given, emit) {
    for (const { index, found } of given as readonly Found[]) {
      const { kind, reading } = asked[index] as Asked;
      reading.take(found, (row) => {
        emit({ kind, ...row });
      });
    }
  },
  end(emit) {
    for (const { kind, reading } of asked)
      reading.end?.((row) => {
        emit({ kind, ...row });
      });
  },
  leave() {
    for (const { reading } of asked) reading.leave?.();
  },
});

/** Each hears what it asked for, as if it were alone. */
class ListenerOfAll implements Listener<readonly Found[]> {
  readonly needsAll = true;
  private watched: readonly Watched[];
  private all: Probes;

  constructor(private readonly listeners: readonly Listener<unknown>[]) {
    this.watched = listeners.map(watchedBy);
    this.all = allProbes(this.watched);
  }

  /** Another object where one of them asks for others. */
  get probes(): Probes {
    if (this.listeners.some(({ probes = NONE }, index) => probes !== this.watched[index]?.probes)) {
      this.watched = this.listeners.map(watchedBy);
      this.all = allProbes(this.watched);
    }
    return this.all;
  }

  told(machine: Machine, icount: number, probed: Probed): readonly Found[] | undefined {
    let all: Found[] | undefined;
    for (const [index, listener] of this.listeners.entries()) {
      if (this.watched[index]?.isWanted(probed, machine) !== true) continue;
      const found = listener.told?.(machine, icount, probed);
      if (found !== undefined) (all ??= []).push({ index, found });
    }
    return all;
  }

  heard(machine: Machine, effect: Effect): readonly (readonly Found[])[] {
    return [this.numbered((listener) => listener.heard?.(machine, effect))];
  }

  ends(machine: Machine): readonly (readonly Found[])[] {
    return [this.numbered((listener) => listener.ends?.(machine))];
  }

  private numbered(finds: (listener: Listener<unknown>) => readonly unknown[] | undefined): readonly Found[] {
    return this.listeners.flatMap((listener, index) => (finds(listener) ?? []).map((found) => ({ index, found })));
  }
}

interface Watched {
  readonly probes: Probes;
  readonly isWanted: ReturnType<typeof wanting>;
}

const NONE: Probes = {};

const watchedBy = ({ probes = NONE }: Listener<unknown>): Watched => ({ probes, isWanted: wanting(probes) });

const allProbes = (watched: readonly Watched[]): Probes => allWanted(watched.map(({ probes }) => probes));
