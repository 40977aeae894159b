import { positionOf } from "../../src/reducers/position.js";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { initialState } from "../../src/machine/initial-state.js";
import { Machine } from "../../src/machine/machine.js";

test("given a machine whose instructions are all counted, when no timer is armed, then none fires", () => {
  const config = { memoryBytes: 1 << 20, harts: 1, shift: 0, append: null, rngSeed: "", virtio: [] };
  const machine = new Machine(initialState(config, { kernel: Uint8Array.of(0x6f, 0, 0, 0) }));
  const position = positionOf(0, Number.MAX_SAFE_INTEGER);
  machine.load({ ...machine.state(), position });
  assert.is(machine.deadlineNs, undefined);
  assert.is(machine.due(), undefined);
  assert.is(machine.run(Number.MAX_SAFE_INTEGER), "arrived");
});

test.run();
