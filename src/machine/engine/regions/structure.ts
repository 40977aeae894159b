/**
 * Turns a control-flow graph into nested blocks and loops, over the dominator tree in reverse postorder (Ramsey,
 * "Beyond Relooper", 2022). Edges that no structure can express go through the root, which dispatches to any entry.
 */

/** Node 0 is the root; the others are the region's blocks, by number. */
export interface FlowGraph {
  readonly size: number;
  /** The nodes that the root may dispatch to. */
  readonly entries: readonly number[];
  readonly successors: (node: number) => readonly number[];
}

export interface Structure {
  /** The root's successors: the given entries, and nodes reached only by an edge that needs a dispatch. */
  readonly entries: readonly number[];
  /** Children in the dominator tree, in nesting order: the last in reverse postorder first. */
  readonly mergeChildren: (node: number) => readonly number[];
  readonly isMerge: (node: number) => boolean;
  readonly isLoopHeader: (node: number) => boolean;
  /** Whether control can come there from an entry. */
  readonly isReached: (node: number) => boolean;
  /** How control gets from one node to another. */
  readonly edge: (from: number, to: number) => "nested" | "forward" | "backward" | "dispatch";
}

const ROOT = 0;

export function structure(graph: FlowGraph): Structure {
  const entries = [...graph.entries];
  for (;;) {
    const analysis = analyse({ ...graph, entries });
    const wanting = analysis.irreducibleTargets.filter((node) => !entries.includes(node));
    if (wanting.length === 0) return analysis.structure;
    // A new entry changes which nodes dominate others.
    entries.push(...new Set(wanting));
  }
}

function analyse(graph: FlowGraph): { structure: Structure; irreducibleTargets: number[] } {
  const successors = (node: number): readonly number[] => (node === ROOT ? graph.entries : graph.successors(node));
  const order = reversePostorder(graph.size, successors);
  const position = new Map(order.map((node, index) => [node, index]));
  const at = (node: number): number => position.get(node) ?? -1;
  const predecessors = new Map<number, number[]>(order.map((node) => [node, []]));
  for (const node of order) for (const next of successors(node)) predecessors.get(next)?.push(node);
  const immediate = dominators(order, at, predecessors);
  const dominates = (above: number, below: number): boolean => {
    let node = below;
    while (at(node) > at(above)) node = immediate.get(node) ?? ROOT;
    return node === above;
  };

  const irreducibleTargets: number[] = [];
  const forwardCount = new Map<number, number>();
  const loopHeaders = new Set<number>();
  for (const node of order) {
    for (const next of new Set(successors(node))) {
      if (at(next) > at(node)) {
        const times = successors(node).filter((other) => other === next).length;
        forwardCount.set(next, (forwardCount.get(next) ?? 0) + times);
      } else if (dominates(next, node)) loopHeaders.add(next);
      else irreducibleTargets.push(next);
    }
  }
  // The root dispatches with a table, so each of its successors is entered from there and must be nested in it.
  const isMerge = (node: number): boolean => (forwardCount.get(node) ?? 0) > 1 || immediate.get(node) === ROOT;
  const children = new Map<number, number[]>(order.map((node) => [node, []]));
  for (const node of order) if (node !== ROOT) children.get(immediate.get(node) ?? ROOT)?.push(node);

  return {
    irreducibleTargets,
    structure: {
      entries: graph.entries,
      mergeChildren: (node) => (children.get(node) ?? []).filter(isMerge).sort((a, b) => at(b) - at(a)),
      isMerge,
      isLoopHeader: (node) => loopHeaders.has(node),
      isReached: (node) => position.has(node),
      edge: (from, to) => {
        if (at(to) <= at(from)) return dominates(to, from) ? "backward" : "dispatch";
        return isMerge(to) ? "forward" : "nested";
      },
    },
  };
}

function reversePostorder(size: number, successors: (node: number) => readonly number[]): number[] {
  const seen = new Array<boolean>(size).fill(false);
  const postorder: number[] = [];
  const stack: { node: number; next: number }[] = [{ node: ROOT, next: 0 }];
  seen[ROOT] = true;
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const following = successors(top.node)[top.next];
    if (following === undefined) {
      postorder.push(top.node);
      stack.pop();
      continue;
    }
    top.next += 1;
    if (seen[following] === true) continue;
    seen[following] = true;
    stack.push({ node: following, next: 0 });
  }
  return postorder.reverse();
}

/** Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm", 2001. */
function dominators(
  order: readonly number[],
  at: (node: number) => number,
  predecessors: ReadonlyMap<number, readonly number[]>,
): ReadonlyMap<number, number> {
  const immediate = new Map<number, number>([[ROOT, ROOT]]);
  const intersect = (left: number, right: number): number => {
    let [a, b] = [left, right];
    while (a !== b) {
      while (at(a) > at(b)) a = immediate.get(a) ?? ROOT;
      while (at(b) > at(a)) b = immediate.get(b) ?? ROOT;
    }
    return a;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const node of order) {
      if (node === ROOT) continue;
      const known = (predecessors.get(node) ?? []).filter((before) => immediate.has(before));
      const best = known.reduce((left, right) => intersect(left, right));
      if (immediate.get(node) === best) continue;
      immediate.set(node, best);
      changed = true;
    }
  }
  return immediate;
}
