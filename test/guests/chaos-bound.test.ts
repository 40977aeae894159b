// What PCT promises, held against bugs whose depth is known. Seeds are given, so each rate is always the same.
import { lastValueFrom } from "rxjs";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Machine } from "../../src/machine/machine.js";
import { run } from "../../src/streams/live/run.js";
import { rateOf } from "../../src/streams/chaos/rate.js";
import { HartsGuest, hartsAtReset } from "../support/harts-guest.js";

const HARTS = 2;
const RUNS = 300;
/** A run that chance leads astray ends there, and has not failed. */
const MOST_INSNS = 20_000_000;

/** Depths by the programs' own words, `guests/harts/bugs.c`. */
const BUGS = [
  ["lost-update", 2],
  ["depth2", 2],
  ["depth3", 3],
] as const;

for (const [program, depth] of BUGS)
  test(`given ${program}, a bug of depth ${String(depth)}, when hunted by PCT, then its rate is above the bound with 95 %`, async () => {
    const initial = hartsAtReset(program, HARTS);
    const insns = new HartsGuest(initial).run().icount;
    const machine = new Machine(initial);
    let failed = 0;
    for (let seed = 0; seed < RUNS; seed += 1) {
      machine.load(initial);
      const chaos = { seed: String(seed), strategy: "pct", depth, insns } as const;
      await lastValueFrom(run(machine, [], { sleep: false, chaos, untilIcount: MOST_INSNS }), {
        defaultValue: undefined,
      });
      if (machine.ended?.code === 1) failed += 1;
    }
    const bound = 1 / (HARTS * insns ** (depth - 1));
    const [least] = rateOf(failed, RUNS).interval;
    assert.ok(least > bound, `${String(failed)} of ${String(RUNS)}, bound ${String(bound)}`);
  });

test.run();
