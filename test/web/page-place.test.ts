// How far the states of a page lie apart: near enough for every moment, and no more than there is room for.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { MAX_KEPT_STATES } from "../../src/streams/past/kept-states.js";
import { distanceIn } from "../../web/worker/page-place.js";

test("given a run of any length, then its states are close, and fewer than are kept", () => {
  assert.is(distanceIn(1_000_000_000, 0), 2_500_000);
  for (const insns of [2_603_857_632, 1e10, 1e12]) {
    const distance = distanceIn(insns, 0);
    assert.ok(insns / distance < MAX_KEPT_STATES, String(insns));
    assert.ok(Number.isInteger(distance), "a state lies between two instructions");
  }
});

test("given a guest that writes much, then its states are fewer, but every moment is yet near one", () => {
  assert.is(distanceIn(1_000_000_000, 500), 3_750_000);
  assert.is(distanceIn(1_000_000_000, 1_000_000), 10_000_000);
});

test.run();
