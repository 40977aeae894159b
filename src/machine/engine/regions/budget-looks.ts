/**
 * Where a region looks at its budget: each block counts its instructions off, but only at the region's entries, at the
 * heads of loops and now and then between does one ask whether all up to the next look are left.
 */
import type { FlowGraph, Structure } from "./structure.js";

/** With less left than this from one look to the next, the interpreter goes on. */
const LONGEST_STRETCH_INSNS = 100;

interface CountedGraph extends Pick<FlowGraph, "size" | "successors"> {
  readonly insns: (node: number) => number;
}

/** The nodes that look, and how many instructions there may be from each of them up to the next. */
export function budgetLooks(shape: Structure, { size, insns, successors }: CountedGraph): ReadonlyMap<number, number> {
  const looks = new Set(shape.entries);
  const stretches = new Map<number, number>();
  /** Without cycles: edges that go back lead to heads of loops, or are dispatched to an entry. */
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
    if (shape.isLoopHeader(node)) looks.add(node);
    stretchFrom(node);
  }
  return new Map([...looks].map((node) => [node, stretchFrom(node)]));
}
