import { test } from "uvu";
import * as assert from "uvu/assert";

import { testFinisher } from "../../src/reducers/test-finisher.js";
import { stepped } from "./stepped.js";

const { effects, initialState } = stepped(testFinisher);

const storing = (value: number, offset = 0) =>
  effects(initialState(), { type: "bus/stored", offset, width: 4, value: BigInt(value) });

test("given the finisher, when pass, fail or reset is stored, then that is requested with its code", () => {
  assert.equal(storing(0x5555), [{ type: "power/requested", request: "shutdown", code: 0 }]);
  assert.equal(storing(0x002a_3333), [{ type: "power/requested", request: "panic", code: 42 }]);
  assert.equal(storing(0x7777), [{ type: "power/requested", request: "reset", code: 0 }]);
});

test("given the finisher, when anything else is stored, then nothing is requested", () => {
  assert.equal(storing(0x1234), []);
  assert.equal(storing(0x5555, 4), []);
});

test.run();
