import { test } from "uvu";
import * as assert from "uvu/assert";

import { bytesOfHex, hex, hex64, hexAddress, hexOfBytes } from "../../src/reducers/hex.js";

test("given a number, when written, then with at least so many lower-case digits", () => {
  assert.equal(
    [hex(0xab), hex(0xabn, 4), hexAddress(0x8000_0000), hexAddress(1n, 16)],
    ["ab", "00ab", "0x80000000", "0x0000000000000001"],
  );
});

test("given a value beyond 64 bits or below 0, when all its digits are written, then modulo 2^64", () => {
  assert.equal(
    [hex64(-1n), hex64((1n << 64n) + 2n), hex64(3)],
    ["f".repeat(16), "0000000000000002", "0000000000000003"],
  );
});

test("given bytes, when written and read, then they are the same", () => {
  const bytes = Uint8Array.of(0, 0xff, 0x1a);
  assert.is(hexOfBytes(bytes, ":"), "00:ff:1a");
  assert.equal(bytesOfHex(hexOfBytes(bytes)), bytes);
  assert.equal(bytesOfHex(""), new Uint8Array(0));
});

test.run();
