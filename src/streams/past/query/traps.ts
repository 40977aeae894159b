/** `traps`: what the guest was interrupted by. */
import { INTERRUPT, INTERRUPT_BIT, TRAP_CAUSE } from "../../../machine/hart/trap-causes.js";
import { maybe, oneOf, oneOrList } from "../../../options/codecs.js";
import type { Recording } from "../recording.js";
import { checkQuery, type AskedOptions } from "./asked.js";
import { Query } from "./query.js";
import { readingOf, type Kind, type Reading } from "./question.js";
import { argumentsOf, hartThere, Namer, type RowOfHart, type Unnamed } from "./row.js";

export interface TrapsOptions extends AskedOptions {
  /** One cause or several, by their names in `TRAP_NAMES`; all where it is left out. */
  readonly of?: string | readonly string[] | undefined;
}

/** A trap that a hart is about to take. `pc` is of the instruction that does not retire. */
export interface Trap extends RowOfHart {
  /** A name of `TRAP_NAMES`, or the number in xcause. */
  readonly cause: string;
  readonly isInterrupt: boolean;
  /** What xtval gets. */
  readonly trapValue: bigint;
  /** a0 to a7: of an ecall, what it asks for. */
  readonly args: readonly bigint[];
}

const NAMES: ReadonlyMap<bigint, string> = new Map([
  ...Object.entries(TRAP_CAUSE).map(([name, number]): [bigint, string] => [number, name]),
  ...Object.entries(INTERRUPT).map(([name, number]): [bigint, string] => [number | INTERRUPT_BIT, name]),
]);

/** The traps that can be asked for. */
export const TRAP_NAMES: readonly string[] = [...NAMES.values()];

/** Of a cause as in xcause: a name of `TRAP_NAMES`, or its number. */
export const trapName = (cause: bigint): string => NAMES.get(cause) ?? String(cause & ~INTERRUPT_BIT);

const CAUSE = oneOf(...TRAP_NAMES);

/** Traps, in order. Throws, when it is read, as a replay does. */
export function traps(recording: Recording, options: TrapsOptions = {}): Query<Trap> {
  checkQuery("traps", recording, options, {
    of: maybe(oneOrList(CAUSE)),
  });
  const { of, from, until } = options;
  const causes = of === undefined ? undefined : typeof of === "string" ? [of] : of;
  const open = (): Reading<Trap> => {
    const namer = new Namer(recording.names);
    return readingOf(trapsKind, causes, (found) => namer.name<Trap>(found));
  };
  return new Query(recording, open, { from, until });
}

/** Asked about causes by name; undefined: all. */
export const trapsKind: Kind<readonly string[] | undefined, Unnamed<Trap>> = {
  name: "traps",
  listen: (causes) => {
    const wanted = causes && new Set(causes);
    return {
      probes: { traps: true },
      told: (machine, icount, probed) => {
        if (probed.type !== "trap/taken") return undefined;
        const cause = trapName(probed.cause);
        if (wanted?.has(cause) === false) return undefined;
        const isInterrupt = (probed.cause & INTERRUPT_BIT) !== 0n;
        const { trapValue } = probed;
        return Object.assign(hartThere(machine, icount), { cause, isInterrupt, trapValue, args: argumentsOf(machine) });
      },
    };
  },
};
