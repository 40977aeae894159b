// A table with a limit: what goes when it is full.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { BoundedTable } from "../../../src/streams/net/bounded-table.js";

const tableOf = (limit: number) => {
  const removed: number[] = [];
  let evictions = 0;
  const table = new BoundedTable<string, number>(
    limit,
    (value) => removed.push(value),
    () => (evictions += 1),
  );
  return { table, removed, evictions: () => evictions };
};

test("given a full table, when one more is put, then the longest unused goes, and that is told", () => {
  const { table, removed, evictions } = tableOf(3);
  for (const [index, key] of ["a", "b", "c"].entries()) table.put(key, index);
  assert.is(table.use("a"), 0);
  assert.is(evictions(), 0);
  table.put("d", 3);
  assert.equal(
    [...table],
    [
      ["c", 2],
      ["a", 0],
      ["d", 3],
    ],
  );
  assert.equal([removed, evictions(), table.size], [[1], 1, 3]);
});

test("given a full table, when an entry is put anew, then it takes its own place", () => {
  const { table, removed, evictions } = tableOf(2);
  table.put("a", 1);
  table.put("b", 2);
  table.put("a", 3);
  assert.equal(
    [...table],
    [
      ["b", 2],
      ["a", 3],
    ],
  );
  assert.equal([removed, evictions()], [[1], 0]);
});

test("given entries, when they are deleted or cleared, then each is let go once", () => {
  const { table, removed } = tableOf(3);
  table.put("a", 1);
  table.put("b", 2);
  table.delete("a");
  table.delete("a");
  table.clear();
  assert.equal([removed, table.size, table.use("b"), table.has("b")], [[1, 2], 0, undefined, false]);
});

test.run();
