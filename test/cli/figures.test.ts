import { test } from "uvu";
import * as assert from "uvu/assert";

import { speed } from "../../src/cli/figures.js";

test("given a guest that was mostly idle, when its speed is told, then only the time is", () => {
  assert.is(speed(400_000, 1000), "1.00 s");
  assert.is(speed(600_000, 1000), "1.00 s, 1 MIPS");
  assert.is(speed(0, 0), "0.00 s");
});

test.run();
