/** Rows of traps, each with what came of it: they wait for the xRET that ends them, in the order of the traps. */
import type { Machine } from "../../../machine/machine.js";
import type { Probed } from "../../../machine/engine/probes.js";
import { CallsInOrder, type Returned } from "./calls-in-order.js";
import type { Kind, Listener, Reading } from "./question.js";
import type { Settled } from "./returns.js";
import { TrapReturns, TRAPS_AND_RETURNS } from "./trap-returns.js";

export interface FoundWithReturn<Found> {
  readonly settled: Settled | undefined;
  readonly trap: Found | undefined;
}

type Find<Found> = (machine: Machine, icount: number, probed: Probed) => Found | undefined;

/** `find`: the traps that are wanted. One may end in another part of the recording than it began in. */
export function listenerWithReturns<Found>(find: Find<Found>): Listener<FoundWithReturn<Found>> {
  const returns = new TrapReturns();
  return {
    probes: TRAPS_AND_RETURNS,
    needsAll: true,
    told: (machine, icount, probed) => {
      if (probed.type === "instruction/reached") {
        const settled = returns.reached(machine, icount);
        return settled && { settled, trap: undefined };
      }
      const trap = find(machine, icount, probed);
      if (trap === undefined || probed.type !== "trap/taken") return undefined;
      return { settled: returns.taken(machine, probed.cause), trap };
    },
  };
}

/** Names are put in where a row is made. */
export function readingWithReturns<About, Found, Row extends { readonly returned?: Returned | undefined }>(
  kind: Kind<About, FoundWithReturn<Found>>,
  about: About,
  rowOf: (found: Found) => Row | undefined,
): Reading<Row> {
  const inOrder = new CallsInOrder<{ -readonly [Member in keyof Row]: Row[Member] }>();
  return {
    question: { kind: kind.name, about },
    listen: () => kind.listen(about),
    isOrdered: true,
    take(found, emit) {
      const { settled, trap } = found as FoundWithReturn<Found>;
      if (settled !== undefined) inOrder.settled(settled, emit);
      if (trap === undefined) return;
      const row: { -readonly [Member in keyof Row]: Row[Member] } | undefined = rowOf(trap);
      if (row !== undefined) row.returned = undefined;
      inOrder.called(row, ({ a }) => a[0], emit);
    },
    end(emit) {
      inOrder.end(emit);
    },
  };
}
