import { positionOf } from "../../../src/reducers/position.js";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { openMachine } from "../../../src/streams/session/machine-options.js";
import { KeptStates, MAX_KEPT_STATES } from "../../../src/streams/past/kept-states.js";
import { spinning } from "../../support/tiny-guests.js";

test("given as many states as are kept, when there is one more, then the one that was kept first is dropped", () => {
  const state = openMachine({ memory: "2M", bios: "none", kernel: spinning(), seed: "kept" }).machine.state();
  const kept = new KeptStates();
  const keepAt = (icount: number): void => {
    kept.keep({ ...state, position: positionOf(0, icount) });
  };
  const earliest = (): number | undefined =>
    Array.from({ length: MAX_KEPT_STATES + 1 }, (_, icount) => kept.latest((at) => at.icount === icount)).find(
      (found) => found !== undefined,
    )?.position.icount;
  for (let icount = 0; icount < MAX_KEPT_STATES; icount += 1) keepAt(icount);
  assert.is(earliest(), 0);
  keepAt(MAX_KEPT_STATES);
  assert.is(earliest(), 1);
  assert.is(kept.latest(() => true)?.position.icount, MAX_KEPT_STATES);
});

test.run();
