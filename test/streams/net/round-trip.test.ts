import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_TIMEOUT_MS, RoundTrip } from "../../../src/streams/net/round-trip.js";

/** After one measurement: the round trip, and four times its half. */
const after = (ms: number): RoundTrip => {
  const roundTrip = new RoundTrip();
  roundTrip.measured(ms);
  return roundTrip;
};

test("given a guest as slow as is waited for, then that is the wait; for a slower one it is no longer", () => {
  assert.is(after(MAX_TIMEOUT_MS / 3).timeoutMs, MAX_TIMEOUT_MS);
  assert.is(after(MAX_TIMEOUT_MS / 3 - 1).timeoutMs, MAX_TIMEOUT_MS - 3);
  assert.is(after(MAX_TIMEOUT_MS / 3 + 1).timeoutMs, MAX_TIMEOUT_MS);
});

test("given no answer again and again, then each wait is twice the one before, up to the longest", () => {
  const roundTrip = new RoundTrip();
  const waits = Array.from({ length: 8 }, () => {
    const { timeoutMs } = roundTrip;
    roundTrip.backOff();
    return timeoutMs / 1000;
  });
  assert.equal(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
  roundTrip.progressed();
  assert.is(roundTrip.timeoutMs, 1000);
});

test.run();
