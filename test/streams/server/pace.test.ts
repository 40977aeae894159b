/** The original pace, on a clock that a test moves: each row comes when the guest's clock says, and not before. */
import { setImmediate as turn } from "node:timers/promises";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { atOriginalPace, TIMER_REACH_MS } from "../../../src/streams/server/pace.js";
import { FakeHostTime } from "../../support/fake-host-time.js";

const MS = 1_000_000n;
const DAY_MS = 86_400_000n;

async function* rowsAt(...ms: readonly bigint[]): AsyncGenerator<{ row: { ns: bigint } }> {
  for (const one of ms) yield { row: { ns: one * MS } };
}

/** Reads all that comes, and notes it. */
function reading(time: FakeHostTime, signal: AbortSignal, ...ms: readonly bigint[]) {
  const told: bigint[] = [];
  const over = (async () => {
    for await (const { row } of atOriginalPace(rowsAt(...ms), signal, time)) told.push(row.ns / MS);
  })();
  return { told, over };
}

test("given rows at times of the guest, when the host's time passes, then each comes as far behind the first", async () => {
  const time = new FakeHostTime();
  const { told, over } = reading(time, new AbortController().signal, 500n, 500n, 510n, 530n, 530n);
  const toldAfter = async (ms: number): Promise<readonly bigint[]> => {
    time.pass(ms);
    for (let turns = 0; turns < 3; turns += 1) await turn();
    return [...told];
  };
  assert.equal(await toldAfter(0), [500n, 500n]);
  assert.equal(await toldAfter(9), [500n, 500n]);
  assert.equal(await toldAfter(1), [500n, 500n, 510n]);
  // A host that was busy: what is behind catches up, and is not behind for ever.
  time.passUnnoticed(15);
  assert.equal(await toldAfter(4), [500n, 500n, 510n]);
  assert.equal(await toldAfter(1), [500n, 500n, 510n, 530n, 530n]);
  await over;
});

test("given a time further away than a timer can wait, then it is waited for in parts", async () => {
  const time = new FakeHostTime();
  const { told, over } = reading(time, new AbortController().signal, 0n, 30n * DAY_MS);
  for (let turns = 0; turns < 3; turns += 1) await turn();
  assert.equal(time.delaysMs, [TIMER_REACH_MS]);
  time.pass(TIMER_REACH_MS);
  for (let turns = 0; turns < 3; turns += 1) await turn();
  assert.equal(told, [0n]);
  time.pass(Number(30n * DAY_MS) - TIMER_REACH_MS);
  await over;
  assert.equal(told, [0n, 30n * DAY_MS]);
});

test("given a row that is waited for, when its reader goes, then nobody waits any more", async () => {
  const time = new FakeHostTime();
  const gone = new AbortController();
  const { told, over } = reading(time, gone.signal, 0n, 1000n);
  for (let turns = 0; turns < 3; turns += 1) await turn();
  gone.abort();
  await over;
  assert.equal(told, [0n]);
  assert.equal(time.delaysMs, []);
});

test.run();
