// Base64 is decoded as Node decodes it, whatever its length, and what is none is bytes as well.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { bytesOfBase64 } from "../../web/base64.js";
import { seededRandom } from "../support/seeded-random.js";

const decoded = (letters: string): Uint8Array => bytesOfBase64(new TextEncoder().encode(letters));

test("given bytes of any length, when their base64 is decoded, then they are there again", () => {
  const random = seededRandom(1);
  for (let length = 0; length < 100; length += 1) {
    const bytes = Uint8Array.from({ length }, () => random(256));
    assert.equal(decoded(Buffer.from(bytes).toString("base64")), bytes);
  }
});

test("given each byte, then its letters stand for it", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  assert.equal(decoded(Buffer.from(bytes).toString("base64")), bytes);
});

test("given what is no base64, then it is bytes, and no fault", () => {
  assert.is(decoded("<!-- -->").length, 6);
  assert.is(decoded("é").length, 1);
  assert.is(decoded("====").length, 0);
});

test.run();
