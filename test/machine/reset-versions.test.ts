/** A reset writes: a page that it puts back is another version, though its content is that of before. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Machine } from "../../src/machine/machine.js";
import { hashOfState } from "../../src/machine/state-hash.js";
import { openMachine } from "../../src/streams/session/machine-options.js";
import { Program, X } from "../support/assemble.js";

/** Writes into its own page, and spins. */
const writing = (): Uint8Array =>
  new Program()
    .li(X.t0, 0x8000_0800n)
    .i("sd", { rs1: X.t0, rs2: X.t0, imm: 0 })
    .label("again")
    .i("jal", { imm: "again" })
    .bytes();

test("given a page that was written and a reset that puts it back, then the states before and after say that it was written", () => {
  const { machine } = openMachine({ memory: "2M", kernel: writing(), seed: "reset" });
  const before = machine.state();
  machine.run(100);
  const written = machine.state();
  machine.apply({ type: "machine/reset", cause: "host-reset" });
  const after = machine.state();
  assert.is.not(written.ram.version(0), before.ram.version(0));
  assert.equal(after.ram.page(0)?.bytes, before.ram.page(0)?.bytes);
  assert.is(after.ram.digest, before.ram.digest);
  assert.is.not(after.ram.version(0), before.ram.version(0));
  // Without a look in between, too.
  machine.load(before);
  machine.run(100);
  machine.apply({ type: "machine/reset", cause: "host-reset" });
  assert.is.not(machine.state().ram.version(0), before.ram.version(0));
  assert.is(new Machine(before).hash(), hashOfState(before));
});

test.run();
