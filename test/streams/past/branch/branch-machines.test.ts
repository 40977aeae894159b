/** Machines and places that are kept for the next branch: so many, and no more. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { Machine } from "../../../../src/machine/machine.js";
import { MAX_IDLE_MACHINES, onMachine, withMachine } from "../../../../src/streams/past/branch/branch-machines.js";
import { forkPoint } from "../../../../src/streams/past/branch/fork-point.js";
import { golden } from "../../../support/branches.js";

test("given machines at work at once / when they come back / then as many are kept as may be, and one is used again", () => {
  const recording = golden("clock");
  const lent: Machine[] = [];
  const works = Array.from({ length: MAX_IDLE_MACHINES + 1 }, () =>
    onMachine(recording, function* (machine) {
      lent.push(machine);
      yield undefined;
    }),
  );
  for (const work of works) work.next();
  assert.is(new Set(lent).size, MAX_IDLE_MACHINES + 1);
  // Left before its end, too.
  for (const work of works) work.return(undefined);
  const again = new Set<Machine>();
  const nested = (depth: number): void => {
    withMachine(recording, (machine) => {
      again.add(machine);
      if (depth > 0) nested(depth - 1);
    });
  };
  nested(MAX_IDLE_MACHINES);
  assert.is([...again].filter((machine) => lent.includes(machine)).length, MAX_IDLE_MACHINES);
});

test("given more places of forks than are kept / when the first one is asked for again / then it is made anew", () => {
  const recording = golden("clock");
  const first = forkPoint(recording, 0);
  for (let icount = 1; icount <= 3; icount += 1) forkPoint(recording, icount);
  assert.is(forkPoint(recording, 0), first);
  for (let icount = 1; icount <= 4; icount += 1) forkPoint(recording, icount);
  assert.is.not(forkPoint(recording, 0), first);
});

test.run();
