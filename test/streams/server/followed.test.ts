/** Rows of a machine that runs, behind the last one that a reader has: each once, and a gap that can be made good. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { PlainPosition } from "../../../src/reducers/position.js";
import type { StreamRow } from "../../../src/streams/rows/index.js";
import type { Cursor } from "../../../src/streams/server/cursor.js";
import { followed } from "../../../src/streams/server/live/followed.js";

const rowOf = (kind: string, seq: number, icount = 10 * seq) => ({ kind, seq, icount, ns: 0n, hart: 0 }) as StreamRow;

async function* told(...rows: readonly StreamRow[]): AsyncGenerator<StreamRow, void> {
  yield* rows;
}

interface Read {
  readonly past?: () => AsyncIterable<StreamRow>;
  readonly after?: Cursor;
  readonly now?: PlainPosition;
}

async function idsOf(live: AsyncIterable<StreamRow>, { past = unread, after, now = START }: Read) {
  const ids: (string | undefined)[] = [];
  const { signal } = new AbortController();
  for await (const { id } of followed({ past, live, now: () => now, run: "r", after, signal })) ids.push(id);
  return ids;
}

const START = { seq: 0, icount: 0 };
const unread = (): never => {
  throw new Error("it was read");
};

test("given a past and what comes, when a reader follows, then it has both in order, and a gap has no id", async () => {
  const past = told(rowOf("input", 3), rowOf("output", 3, 35), rowOf("output", 3, 35), rowOf("input", 4));
  const live = told(rowOf("input", 5), rowOf("gap", 8), rowOf("output", 8, 81), rowOf("input", 9));
  const after = { seq: 3, found: { icount: 35, count: 1 } };
  assert.equal(await idsOf(live, { past: () => past, after }), [
    "r.3@35+2",
    "r.4",
    "r.5",
    undefined,
    "r.8@81+1",
    "r.9",
  ]);
});

test("given no row before, when a reader follows, then nothing of the past is read", async () => {
  assert.equal(await idsOf(told(rowOf("input", 7)), {}), ["r.7"]);
});

test("given rows of one instant, when some are lost or were before, then the others there have no id", async () => {
  const lost = told(rowOf("traps", 7), rowOf("gap", 7), rowOf("traps", 7), rowOf("traps", 7, 71), rowOf("input", 8));
  assert.equal(await idsOf(lost, {}), ["r.7@70+1", undefined, undefined, "r.7@71+1", "r.8"]);
  const come = told(rowOf("traps", 7), rowOf("traps", 7, 71));
  assert.equal(await idsOf(come, { now: { seq: 7, icount: 70 } }), [undefined, "r.7@71+1"]);
});

test.run();
