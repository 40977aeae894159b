/** No bit of a saved state can change unnoticed. A guest test, since there are tens of thousands of them. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { loadState, saveState, StateError } from "../../../../src/streams/store/saved-state/index.js";
import { busyState } from "./busy-state.js";

test("given a small state, when any bit is flipped, then it is an error that says so", () => {
  const bytes = saveState(busyState());
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = bytes.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.throws(
      () => loadState(flipped),
      (fault: unknown) => fault instanceof StateError,
      `bit ${String(bit)} of ${String(bytes.length * 8)}`,
    );
  }
});

test.run();
