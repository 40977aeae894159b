/** Rows of a machine that runs, behind the last one that a reader has: each once, and a gap that can be made good. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { StreamRow } from "../../../src/streams/rows/index.js";
import { followed } from "../../../src/streams/server/live/followed.js";

const rowOf = (kind: string, seq: number, icount = 10 * seq) => ({ kind, seq, icount, ns: 0n, hart: 0 }) as StreamRow;

async function* told(...rows: readonly StreamRow[]): AsyncGenerator<StreamRow, void> {
  yield* rows;
}

test("given a past and what comes, when a reader follows, then it has both in order, and a gap has no id", async () => {
  const past = told(rowOf("input", 3), rowOf("output", 3, 35), rowOf("output", 3, 35), rowOf("input", 4));
  const live = told(rowOf("input", 5), rowOf("gap", 8), rowOf("output", 8, 81), rowOf("input", 9));
  const ids: (string | undefined)[] = [];
  const after = { seq: 3, found: { icount: 35, count: 1 } };
  const { signal } = new AbortController();
  for await (const { id } of followed({ past: () => past, live, after, signal })) ids.push(id);
  assert.equal(ids, ["3@35+2", "4", "5", undefined, "8@81+1", "9"]);
});

test("given no row before, when a reader follows, then nothing of the past is read", async () => {
  const ids: (string | undefined)[] = [];
  const past = () => {
    throw new Error("it was read");
  };
  const { signal } = new AbortController();
  for await (const { id } of followed({ past, live: told(rowOf("input", 7)), after: undefined, signal })) ids.push(id);
  assert.equal(ids, ["7"]);
});

test.run();
