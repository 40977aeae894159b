// ROM is written between two machines only, and what was decoded of it goes with it.
import * as assert from "uvu/assert";
import { test } from "uvu";

import { MEMORY_MAP } from "../../../src/machine/memory-map.js";
import { Program } from "../../support/assemble.js";
import { BareHart, onEveryEngine } from "../../support/engines.js";

const ROM = BigInt(MEMORY_MAP.mrom.base);
const ROUNDS = 300;

/** Adds `step` to x2 in each of x1 rounds. */
const counting = (step: number): Uint8Array =>
  new Program()
    .i("addi", { rd: 2, rs1: 2, imm: step })
    .i("addi", { rd: 1, rs1: 1, imm: -1 })
    .i("bne", { rs1: 1, rs2: 0, imm: -8 })
    .bytes();

onEveryEngine("given other bytes in ROM, when the hart comes there again, then it executes those", (engine) => {
  const hart = new BareHart(engine);
  const steps = [3, 5, 5, 3];
  for (const step of steps) {
    hart.engine.loadRom(counting(step));
    hart
      .setX(1, BigInt(ROUNDS))
      .set("pc", ROM)
      .resume(3 * ROUNDS);
  }
  assert.is(hart.x(2), BigInt(ROUNDS * steps.reduce((sum, step) => sum + step)));
});

test.run();
