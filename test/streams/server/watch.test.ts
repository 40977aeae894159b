/** The time that a question may take: that in which it is worked on. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Slots } from "../../../src/streams/server/slots.js";
import { watchOf } from "../../../src/streams/server/watch.js";

const MOST_MS = 1000;

test("given a reader that takes its time, then only the time in which its rows are looked for counts", async () => {
  let nowMs = 0;
  const { signal } = new AbortController();
  const watch = watchOf(signal, MOST_MS, { monotonicMs: () => nowMs });
  async function* rows(): AsyncGenerator<number> {
    for (const row of [1, 2, 3]) {
      nowMs += 0.4 * MOST_MS;
      watch.check();
      yield row;
    }
  }
  const read: number[] = [];
  let fault: unknown;
  nowMs += 10 * MOST_MS;
  try {
    for await (const row of new Slots().inTurn(rows(), watch)) {
      read.push(row);
      nowMs += 10 * MOST_MS;
      watch.check();
    }
  } catch (thrown) {
    fault = thrown;
  }
  assert.equal(read, [1, 2]);
  assert.match(String(fault), /it took longer than 1 s/);
});

test("given that nobody waits any more, then it ends whenever it is looked at", () => {
  const leave = new AbortController();
  const watch = watchOf(leave.signal, MOST_MS);
  watch.check();
  leave.abort();
  assert.throws(watch.check, /who asked has gone/);
});

test.run();
