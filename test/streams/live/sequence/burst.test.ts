import { test } from "uvu";
import * as assert from "uvu/assert";

import { Burst } from "../../../../src/streams/live/sequence/burst.js";
import { FakeHostTime } from "../../../support/fake-host-time.js";

/** How long the next burst is, where this one ran so many instructions in its 8 ms. */
const nextAfter = (insns: number): number => {
  const time = new FakeHostTime();
  const burst = new Burst(time);
  burst.begin(0);
  time.pass(8);
  burst.ended(insns);
  burst.begin(0);
  return burst.endIcount;
};

test("given a burst that was as fast as any may be, then the next is as long; by one instruction faster, then no longer", () => {
  assert.is(nextAfter(15_999_999), 15_999_999);
  assert.is(nextAfter(16_000_000), 16_000_000);
  assert.is(nextAfter(16_000_001), 16_000_000);
});

test("given a burst that took no time, then the next is as long as any may be", () => {
  const burst = new Burst(new FakeHostTime());
  burst.begin(0);
  burst.ended(1e9);
  burst.begin(5);
  assert.is(burst.endIcount, 16_000_005);
});

test.run();
