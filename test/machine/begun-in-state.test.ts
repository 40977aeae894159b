/** A machine that begins in a state is one that has loaded it, and is reset to the state at reset. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { initialState } from "../../src/machine/initial-state.js";
import { Machine } from "../../src/machine/machine.js";
import { hashOfState } from "../../src/machine/state-hash.js";
import { Program, X } from "../support/assemble.js";

/** Counts in memory, in a page of its own. */
const counting = new Program()
  .li(X.t0, 0x8000_1000n)
  .label("again")
  .i("addi", { rd: X.t1, rs1: X.t1, imm: 1 })
  .i("sd", { rs1: X.t0, rs2: X.t1, imm: 0 })
  .i("jal", { imm: "again" })
  .bytes();

const config = { memoryBytes: 1 << 20, harts: 1, shift: 0, append: null, rngSeed: "", virtio: [] };
const initial = initialState(config, { kernel: counting });

test("given a state, when a machine begins in it, then it goes on as one that loaded it", () => {
  const first = new Machine(initial);
  first.run(1000);
  const state = first.state();
  const machine = new Machine(initial, { state });
  assert.equal(machine.position, state.position);
  assert.is(machine.hash(), hashOfState(state));
  for (const one of [first, machine]) one.run(2000);
  assert.is(machine.hash(), first.hash());
});

test("given a machine that began in a state, when it is reset, then its memory is that at reset", () => {
  const first = new Machine(initial);
  first.run(1000);
  const machine = new Machine(initial, { state: first.state() });
  machine.apply({ type: "machine/reset", cause: "host-reset" });
  assert.is(machine.state().ram.digest, initial.ram.digest);
});

test.run();
