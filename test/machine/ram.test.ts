import { test } from "uvu";
import * as assert from "uvu/assert";

import { Ram } from "../../src/machine/ram.js";

test("given an address in the place of an offset, when RAM is read, then the error says where offsets begin", () => {
  const ram = Ram.zeros(1);
  assert.equal(ram.read(4092, 4), new Uint8Array(4));
  assert.throws(
    () => ram.read(4093, 4),
    (fault: unknown) => fault instanceof RangeError,
  );
  assert.throws(() => ram.read(0x8000_0000, 4), /counts from the start of RAM: subtract 0x80000000 from an address/);
});

test.run();
