// ROM is written between two machines only, and what was decoded of it goes with it.
import * as assert from "uvu/assert";
import { test } from "uvu";

import { MEMORY_MAP } from "../../../src/machine/memory-map.js";
import { countingLoop } from "../../support/counting-loop.js";
import { BareHart, onEveryEngine } from "../../support/engines.js";

const ROM = BigInt(MEMORY_MAP.mrom.base);
const ROUNDS = 300;

onEveryEngine("given other bytes in ROM, when the hart comes there again, then it executes those", (engine) => {
  const hart = new BareHart(engine);
  const steps = [3, 5, 5, 3];
  for (const step of steps) {
    hart.engine.loadRom(countingLoop(step).bytes());
    hart
      .setX(1, BigInt(ROUNDS))
      .set("pc", ROM)
      .resume(3 * ROUNDS);
  }
  assert.is(hart.x(2), BigInt(ROUNDS * steps.reduce((sum, step) => sum + step)));
});

test.run();
