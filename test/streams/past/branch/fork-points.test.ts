/** Places of forks that are kept for the next branch: so many, and no more. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { forkPoint } from "../../../../src/streams/past/branch/fork-point.js";
import { golden } from "../../../support/branches.js";

test("given more places of forks than are kept / when the first one is asked for again / then it is made anew", () => {
  const recording = golden("clock");
  const first = forkPoint(recording, 0);
  for (let icount = 1; icount <= 3; icount += 1) forkPoint(recording, icount);
  assert.is(forkPoint(recording, 0), first);
  for (let icount = 1; icount <= 4; icount += 1) forkPoint(recording, icount);
  assert.is.not(forkPoint(recording, 0), first);
});

test.run();
