// The `lz4` program reads every payload: the log depends on no implementation of LZ4.
import { execFileSync } from "node:child_process";
import { crc32 } from "node:zlib";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { compress, decompress, MAX_RAW_BYTES } from "../../../../src/streams/store/log/compression.js";
import { requires } from "../../../support/requires.js";
import { randomEvents, record, SAMPLE_HEADER, segmentsOf } from "./sample-recordings.js";
import { seededRandom } from "../../../support/seeded-random.js";

const lz4 = (frame: Uint8Array): Uint8Array =>
  Uint8Array.from(
    execFileSync("lz4", ["-d", "-c"], { input: frame, maxBuffer: 1 << 24, stdio: ["pipe", "pipe", "ignore"] }),
  );

if (requires("the lz4 program reads the payloads of a recording", ["lz4"])) {
  test("given a recording, when each payload goes through lz4 -d, then it has the size and the checksum that the segment names", () => {
    const segments = segmentsOf(record(randomEvents(2, 3000), { perSegment: 170 }));
    for (const segment of segments) {
      const view = new DataView(segment.buffer, segment.byteOffset);
      const raw = lz4(segment.subarray(52));
      assert.is(raw.length, view.getUint32(32, true));
      assert.is(crc32(raw), view.getUint32(40, true));
    }
    const json: unknown = JSON.parse(new TextDecoder().decode(lz4((segments[0] as Uint8Array).subarray(52))));
    assert.equal(json, SAMPLE_HEADER);
  });

  test("given payloads of all sizes, from noise to zeros, then lz4 -d gives them back", () => {
    const random = seededRandom(4);
    const sizes = [1, 2, 5, 12, 13, 14, 15, 16, 20, 64, 65_535, 65_536, 70_000, MAX_RAW_BYTES];
    for (const size of [...sizes, ...Array.from({ length: 60 }, () => 1 + random(300))]) {
      const alphabet = 1 + random(random(2) === 0 ? 4 : 256);
      const raw = Uint8Array.from({ length: size }, () => random(alphabet));
      assert.equal(lz4(compress(raw)), raw, `${String(size)} bytes of ${String(alphabet)} values`);
    }
  });
}

test("given payloads of all sizes, from noise to zeros, then they decompress to what they were", () => {
  const random = seededRandom(5);
  for (let size = 1; size < 1500; size++) {
    const alphabet = 1 + random(random(2) === 0 ? 4 : 256);
    const raw = Uint8Array.from({ length: size }, () => random(alphabet));
    assert.equal(decompress(compress(raw), size), raw);
    assert.is(decompress(compress(raw), size - 1), undefined);
    assert.is(decompress(compress(raw), size + 1), undefined);
  }
});

test.run();
