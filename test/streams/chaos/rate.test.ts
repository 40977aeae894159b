import { test } from "uvu";
import * as assert from "uvu/assert";

import { rateOf } from "../../../src/streams/chaos/rate.js";

// Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998), table I.
for (const [happened, tries, least, most] of [
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
] as const)
  test(`given ${String(happened)} of ${String(tries)}, then the interval is that of the literature`, () => {
    const { rate, interval } = rateOf(happened, tries);
    assert.is(rate, happened / tries);
    assert.equal(
      interval.map((end) => end.toFixed(4)),
      [least.toFixed(4), most.toFixed(4)],
    );
  });

test("given all or none, then the interval ends there; given no tries, then it is everything", () => {
  assert.is(rateOf(5, 5).interval[1], 1);
  assert.equal(rateOf(0, 0), { rate: 0, interval: [0, 1] });
});

test.run();
