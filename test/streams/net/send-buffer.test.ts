// What waits for its acknowledgment.
import { test } from "uvu";
import * as assert from "uvu/assert";

import { SendBuffer } from "../../../src/streams/net/send-buffer.js";

test("given pieces of any size, when some are dropped, then what is left is as it was written", () => {
  const buffer = new SendBuffer();
  const all = Uint8Array.from({ length: 30_000 }, (_, index) => index % 251);
  for (let at = 0, size = 1; at < all.length; at += size, size = (size * 7 + 3) % 5000)
    buffer.append(all.slice(at, at + size));
  let dropped = 0;
  for (const length of [1, 0, 4095, 4097, 10_000]) {
    buffer.drop(length);
    dropped += length;
    assert.equal(buffer.slice(3, 5000), all.slice(dropped + 3, dropped + 5003));
  }
  assert.is(buffer.length, 30_000 - dropped);
});

// A peer that writes single bytes would otherwise cost a hundred bytes for each.
test("given single bytes, when many wait, then they are few pieces", () => {
  const buffer = new SendBuffer();
  for (let index = 0; index < 512 << 10; index += 1) buffer.append(Uint8Array.of(index));
  assert.is(buffer.pieceCount, 128);
});

test.run();
