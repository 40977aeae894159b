/** The length of a bigint, around the powers of two, where a conversion to number rounds up. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bitLength } from "../../../src/machine/float/bit-length.js";

test("given integers around every power of two up to 2^3300, when measured, then the length is that of their binary digits", () => {
  for (let power = 1; power <= 3300; power += power < 140 ? 1 : 79) {
    for (const distance of [-2n, -1n, 0n, 1n]) {
      const integer = (1n << BigInt(power)) + distance;
      if (integer > 0n) assert.is(bitLength(integer), integer.toString(2).length, `2^${power} + ${distance}`);
    }
  }
});

test.run();
