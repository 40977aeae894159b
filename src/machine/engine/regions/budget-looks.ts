/**
 * Where a region checks its budget. Each block counts its instructions. Only entries, loop heads and some blocks in
 * between check that the budget covers everything up to the next check.
 */
import type { FlowGraph, Structure } from "./structure.js";

/** With less left than this up to the next check, the interpreter continues. */
const LONGEST_STRETCH_INSNS = 100;

interface CountedGraph extends Pick<FlowGraph, "size" | "successors"> {
  readonly insns: (node: number) => number;
}

/** The nodes that check, and the most instructions from each of them to the next check. */
export function budgetLooks(shape: Structure, { size, insns, successors }: CountedGraph): ReadonlyMap<number, number> {
  const looks = new Set(shape.entries);
  const stretches = new Map<number, number>();
  /** There are no cycles: back edges lead to loop heads, or are dispatched to an entry. */
  const stretchFrom = (node: number): number => {
    const known = stretches.get(node);
    if (known !== undefined) return known;
    const own = insns(node);
    let longest = own;
    for (const next of successors(node)) {
      if (looks.has(next) || shape.isLoopHeader(next)) continue;
      const stretch = own + stretchFrom(next);
      if (stretch > LONGEST_STRETCH_INSNS) looks.add(next);
      else longest = Math.max(longest, stretch);
    }
    stretches.set(node, longest);
    return longest;
  };
  for (let node = 1; node < size; node += 1) {
    // Elsewhere there may be cycles: a jump's target that another entry has made a block of its own.
    if (!shape.isReached(node)) continue;
    if (shape.isLoopHeader(node)) looks.add(node);
    stretchFrom(node);
  }
  return new Map([...looks].map((node) => [node, stretchFrom(node)]));
}
