/** What a future is without some of its inputs, and with less of them. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import type { BranchInput } from "../../../../src/streams/past/branch/branch-input.js";
import { atOnce, sizeOf, without } from "../../../../src/streams/past/branch/simpler.js";

const typed = (at: number, byte: number): BranchInput => ({
  ...{ seq: at, icount: at, ns: BigInt(at), type: "uart16550/byteReceived", byte },
});
const skew: BranchInput = { seq: 5, icount: 5, ns: 5n, type: "clock/skewed", byNs: 100n };
const later: BranchInput = { ...typed(7, 66), ns: 107n };
const answer: BranchInput = { seq: 8, icount: 8, ns: 108n, type: "goldfishRtc/hostClockRead", hostNs: 1n };

test("given a skew of the clock / when it is left out / then what follows stays at its instruction", () => {
  assert.equal(without([typed(3, 65), skew, later], new Set([skew])), [typed(3, 65), { ...later, ns: 7n }]);
  const [kept] = without([skew, later], new Set([later]));
  assert.is(kept, skew);
});

test("given inputs that are hurried / when each has one before it / then it comes with that; answers and deviations stay", () => {
  const inputs = [typed(3, 65), skew, later, answer];
  const start = { icount: 1, ns: 1n };
  assert.equal(atOnce(inputs, new Set([later]), start), [typed(3, 65), { ...later, icount: 3, ns: 3n }, skew, answer]);
  assert.equal(atOnce([typed(3, 65)], new Set(), start), [typed(3, 65)]);
  const [first] = atOnce([inputs[0] ?? skew], new Set(inputs), start);
  assert.equal([first?.icount, first?.ns], [1, 1n]);
});

test("given what has a size / when there is less of it / then it is shorter, and nothing else changes", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const console: BranchInput = { icount: 1, ns: 1n, type: "virtioConsole/bytesReceived", slot: 2, bytes };
  const size = sizeOf(console);
  assert.equal([size?.least, size?.present], [1, 3]);
  assert.equal(size?.with(2), { ...console, bytes: bytes.subarray(0, 2) });
  assert.is(sizeOf(typed(1, 65)), undefined);
});

test.run();
