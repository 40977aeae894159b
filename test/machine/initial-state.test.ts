/** A state at reset is a value: bytes that are given become its own, and those that nobody writes to are shared. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { initialState, initialStateOver } from "../../src/machine/initial-state.js";
import { RAM_PAGE_BYTES } from "../../src/machine/ram.js";
import { machineConfig, openMachine } from "../../src/streams/session/machine-options.js";

const FILLED = 0x13;
/** Two whole pages and a piece of a third one, at the start of RAM. */
const raw = (): Uint8Array => new Uint8Array(2 * RAM_PAGE_BYTES + 100).fill(FILLED);
const config = machineConfig({ memory: "1M" });

test("given an image, when whoever gave it writes to it, then the state at reset stays what it is", () => {
  const kernel = raw();
  const states = [initialState(config, { kernel }), openMachine({ kernel, memory: "1M" }).machine.state()];
  kernel.fill(0);
  for (const { ram } of states) {
    for (const page of [0, 1, 2]) assert.is(ram.page(page)?.bytes[0], FILLED);
  }
});

test("given an image that nobody writes to, then its whole pages are the state's, without a copy; a piece is copied", () => {
  const kernel = raw();
  const { ram } = initialStateOver(config, { kernel });
  const isShared = [0, 1, 2].map((page) => ram.page(page)?.bytes.buffer === kernel.buffer);
  assert.equal(isShared, [true, true, false]);
  assert.is(ram.digest, initialState(config, { kernel }).ram.digest);
});

test.run();
