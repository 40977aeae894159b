import { test } from "uvu";
import * as assert from "uvu/assert";

import { canonicalBytes, TAG } from "../../src/machine/canonical.js";
import { CanonicalError, canonicalValue } from "../../src/machine/canonical-value.js";

const refuses = (bytes: Uint8Array, message: RegExp): void => {
  assert.throws(
    () => canonicalValue(bytes),
    (fault: unknown) => fault instanceof CanonicalError && message.test(fault.message),
  );
};

/** A value within so many arrays. */
const nested = (depth: number): unknown => (depth === 0 ? 7 : [nested(depth - 1)]);

test("given a value that is nested 100 deep, when it is read, then it is there; one deeper, then it is refused", () => {
  assert.equal(canonicalValue(canonicalBytes(nested(100))), nested(100));
  refuses(canonicalBytes(nested(101)), /nested too deep/);
});

test("given an integer of 20 bytes, when it is read, then it is there; of one more, then it is refused", () => {
  // Seven bits a byte, one of them the sign.
  const largest = 2n ** 139n - 1n;
  assert.is(canonicalBytes(largest).length, 1 + 20);
  assert.is(canonicalValue(canonicalBytes(largest)), largest);
  refuses(canonicalBytes(largest + 1n), /an integer without end/);
  refuses(Uint8Array.of(TAG.bigint, ...new Array<number>(1000).fill(0x80), 0), /an integer without end/);
});

test.run();
