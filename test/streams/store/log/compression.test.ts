// A segment's payload against what lz4js makes of it by itself.
import lz4 from "lz4js";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { compress, decompress, MAX_RAW_BYTES } from "../../../../src/streams/store/log/compression.js";
import { seededRandom } from "../../../support/seeded-random.js";

/** From noise, which nothing makes smaller, to one byte again and again. */
const samples = function* (): Generator<Uint8Array> {
  const random = seededRandom(5);
  for (const length of [1, 2, 12, 13, 14, 100, 5000, 65_535, 65_536, 65_540, MAX_RAW_BYTES]) {
    for (const kinds of [1, 2, 16, 256]) yield Uint8Array.from({ length }, () => random(kinds));
  }
};

// Red when the table keeps what the segment before left in it.
test("given bytes of any kind, one after the other, then each frame is lz4js's own, and leads back to them", () => {
  for (const raw of samples()) {
    const frame = compress(raw);
    assert.is(Buffer.compare(frame, lz4.compress(raw)), 0, `${String(raw.length)} bytes`);
    assert.is(Buffer.compare(decompress(frame, raw.length) ?? new Uint8Array(), raw), 0);
  }
});

test.run();
