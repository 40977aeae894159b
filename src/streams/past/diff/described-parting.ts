/** A parting as it is told: who made the difference, where each guest is, and what differs there. */
import type { MachineState } from "../../../machine/state.js";
import { isOfTheGuest, type Difference } from "./difference.js";
import type { Found, Search } from "./parting.js";
import { sideText, type Side, type SideMaker } from "./side.js";
import { stateDifferences, type Scope } from "./states.js";
import { counted } from "./text.js";
import type { Walker } from "./walker.js";

/** A place in which the guests are not the same any more. Plain data. */
export interface Parting extends Found {
  /** What makes the difference: an event, an instruction, or what the recordings begin with. */
  readonly by: "event" | "instruction" | "start";
  /** `by` an instruction: where it is about to execute. Else the one that is next. */
  readonly a: Side;
  readonly b: Side;
  /** What differs there, the clocks among it; at most `MAX_PARTING_ROWS`. */
  readonly differences: readonly Difference[];
  /** How many rows there are more. */
  readonly more: number;
}

export const MAX_PARTING_ROWS = 64;
/** Guests that differ in more places have nothing left in which they could part. */
export const MAX_SEEN_ROWS = 50_000;

export interface Pair {
  readonly walkers: readonly [Walker, Walker];
  readonly sides: readonly [SideMaker, SideMaker];
  readonly search: Search;
  readonly startIcount: number;
}

/** With all rows, up to one beyond `MAX_SEEN_ROWS`. */
export function describedParting(
  found: Found,
  pair: Pair,
  scope: Scope,
): { readonly parting: Parting; readonly rows: readonly Difference[] } {
  const by = makerOf(found, pair, scope);
  const [a, b] = by === "instruction" ? instructionOf(found, pair) : nextOf(found, pair);
  pair.search.goTo(found.icount);
  const rows: Difference[] = [];
  for (const row of pair.search.differences(scope)) {
    // Two that part at one instruction may have had different events before, and other digests of them.
    if (row.kind !== "inputs" && row.kind !== "position") rows.push(row);
    if (rows.length > MAX_SEEN_ROWS) break;
  }
  rows.sort((one, other) => Number(isOfTheGuest(other)) - Number(isOfTheGuest(one)));
  const differences = Object.freeze(rows.slice(0, MAX_PARTING_ROWS));
  return { rows, parting: Object.freeze({ ...found, by, a, b, differences, more: rows.length - differences.length }) };
}

/** Where both are about to execute what parts them, and whether a trap came of it. */
function instructionOf({ icount }: Found, { search, walkers, sides }: Pair): readonly [Side, Side] {
  search.goTo(icount - 1);
  const states = walkers.map(({ machine }) => machine.state());
  const traps = walkers.map((walker) => walker.trapOnTheWay(icount));
  walkers.forEach((walker, side) => {
    walker.load(states[side] as MachineState);
  });
  return [sides[0].of(walkers[0], traps[0]), sides[1].of(walkers[1], traps[1])];
}

function nextOf({ icount }: Found, { search, walkers, sides }: Pair): readonly [Side, Side] {
  search.goTo(icount);
  return [sides[0].of(walkers[0]), sides[1].of(walkers[1])];
}

/** Before the events of the place, they differ already where an instruction did it. */
function makerOf({ icount }: Found, { walkers, startIcount }: Pair, scope: Scope): Parting["by"] {
  for (const walker of walkers) walker.before(icount);
  const [a, b] = [walkers[0].machine.state(), walkers[1].machine.state()];
  for (const row of stateDifferences(a, b, scope)) {
    if (isOfTheGuest(row)) return icount === startIcount ? "start" : "instruction";
  }
  return "event";
}

const MAKERS: Readonly<Record<Parting["by"], string>> = {
  event: "by an event",
  instruction: "by an instruction",
  start: "from their start",
};

export const partingLines = ({ icount, by, a, b, isFirst }: Parting): readonly string[] => [
  `the guests part at instruction ${counted(icount)}, ${MAKERS[by]}${isFirst ? "" : " (they may have parted before, and come together again)"}`,
  `  a: ${sideText(a)}`,
  `  b: ${sideText(b)}`,
];
