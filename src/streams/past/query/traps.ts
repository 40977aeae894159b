/** `traps`: what the guest was interrupted by. */
import { INTERRUPT, INTERRUPT_BIT, TRAP_CAUSE } from "../../../machine/hart/trap-causes.js";
import type { Machine } from "../../../machine/machine.js";
import type { Probed } from "../../../machine/engine/probes.js";
import { flag, maybe, oneOf, oneOrList } from "../../../options/codecs.js";
import type { Recording } from "../recording.js";
import { checkQuery, type AskedOptions } from "./asked.js";
import { Query } from "./query.js";
import { readingOf, type Kind, type Reading } from "./question.js";
import type { Returned } from "./calls-in-order.js";
import { listenerWithReturns, readingWithReturns, type FoundWithReturn } from "./returning-traps.js";
import { argumentsOf, hartThere, Namer, type RowOfHart, type Unnamed } from "./row.js";

export interface TrapsOptions extends AskedOptions {
  /** One cause or several, by their names in `TRAP_NAMES`; all where it is left out. */
  readonly of?: string | readonly string[] | undefined;
  /** Each row with when it was over, and what came of it: `last()` then begins at the range's beginning. */
  readonly results?: boolean | undefined;
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
  /**
   * With `results`: the xRET that went back to where the hart was, and a0, where it is that behind an ecall. Undefined:
   * it did not until the range's end, or until 65,536 others were taken.
   */
  readonly returned?: Returned | undefined;
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
    results: maybe(flag),
  });
  const { of, from, until, results = false } = options;
  const causes = of === undefined ? undefined : typeof of === "string" ? [of] : of;
  const open = (): Reading<Trap> => {
    const namer = new Namer(recording.names);
    if (results) return readingWithReturns(trapResultsKind, causes, (found) => namer.name<Trap>(found));
    return readingOf(trapsKind, causes, (found) => namer.name<Trap>(found));
  };
  return new Query(recording, open, { from, until });
}

type FoundTrap = Unnamed<Trap>;

/** Asked about causes by name; undefined: all. */
export const trapsKind: Kind<readonly string[] | undefined, FoundTrap> = {
  name: "traps",
  listen: (causes) => ({ probes: { traps: true }, told: trapOf(causes) }),
};

/** The same with what came of each. */
export const trapResultsKind: Kind<readonly string[] | undefined, FoundWithReturn<FoundTrap>> = {
  name: "trapResults",
  listen: (causes) => listenerWithReturns(trapOf(causes)),
};

function trapOf(causes: readonly string[] | undefined) {
  const wanted = causes && new Set(causes);
  return (machine: Machine, icount: number, probed: Probed): FoundTrap | undefined => {
    if (probed.type !== "trap/taken") return undefined;
    const cause = trapName(probed.cause);
    if (wanted?.has(cause) === false) return undefined;
    const isInterrupt = (probed.cause & INTERRUPT_BIT) !== 0n;
    const { trapValue } = probed;
    return Object.assign(hartThere(machine, icount), { cause, isInterrupt, trapValue, args: argumentsOf(machine) });
  };
}
