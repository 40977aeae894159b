/** How far a machine is told to run: to where instructions are counted. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { Machine } from "../../src/machine/machine.js";
import { Program } from "../support/assemble.js";
import { engines } from "../support/engines.js";
import { stateOf } from "./hostile/hostile-guest.js";

for (const { name, create } of engines) {
  test(`given an icount that is none / when ${name} is told to run there / then it is refused, and the machine stands`, () => {
    const machine = new Machine(stateOf({ program: new Program().i("jal") }), { engine: create });
    machine.run(10);
    const hash = machine.hash();
    for (const icount of [10.5, NaN, -Infinity, 2 ** 53])
      assert.throws(() => machine.run(icount), new RegExp(`run: ${String(icount)} is no icount`));
    assert.is(machine.hash(), hash);
    assert.is(machine.run(11), "arrived");
    assert.is(machine.position.icount, 11);
  });
}

test.run();
