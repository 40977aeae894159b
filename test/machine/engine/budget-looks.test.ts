// Where regions look at their budget: at entries, at heads of loops, and where it is long since the last look.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { budgetLooks } from "../../../src/machine/engine/regions/budget-looks.js";
import { structure } from "../../../src/machine/engine/regions/structure.js";

/** Node 0 is the root. */
function looksOf(entries: readonly number[], edges: Readonly<Record<number, readonly number[]>>, insns = 10): object {
  const graph = { size: Object.keys(edges).length + 1, entries, successors: (node: number) => edges[node] ?? [] };
  return Object.fromEntries(budgetLooks(structure(graph), { ...graph, insns: () => insns }));
}

test("given a loop behind an entry, then both look, each as far as the next look", () => {
  assert.equal(looksOf([1], { 1: [2], 2: [3], 3: [2, 4], 4: [] }), { 1: 10, 2: 30 });
});

test("given a long way, then it looks on the way", () => {
  assert.equal(looksOf([1], { 1: [2], 2: [3], 3: [] }, 60), { 1: 60, 2: 60, 3: 60 });
});

test("given a cycle that no entry leads to, then nobody looks there", () => {
  assert.equal(looksOf([1], { 1: [], 2: [3], 3: [2] }), { 1: 10 });
});

test.run();
