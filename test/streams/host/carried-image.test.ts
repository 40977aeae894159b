import { createHash } from "node:crypto";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { carriedDisk, CHUNK_BYTES, MAX_CHUNKS } from "../../../src/streams/host/carried-image.js";

test("given as many chunks as are kept, when one more is read, then the longest unused is read anew, and no other", () => {
  const bytes = new Uint8Array((MAX_CHUNKS + 1) * CHUNK_BYTES).map((_, at) => at / CHUNK_BYTES);
  const reads: number[] = [];
  const disk = carriedDisk(
    {
      sha256: createHash("sha256").update(bytes).digest("hex"),
      byteLength: bytes.length,
      read: (offset, target) => {
        reads.push(offset / CHUNK_BYTES);
        target.set(bytes.subarray(offset, offset + target.length));
      },
    },
    "drive",
  );
  const readsFor = (chunk: number): readonly number[] => {
    reads.length = 0;
    const target = new Uint8Array(1);
    disk.read(chunk * CHUNK_BYTES, target);
    assert.is(target[0], chunk);
    return [...reads];
  };
  for (let chunk = 0; chunk < MAX_CHUNKS; chunk += 1) assert.equal(readsFor(chunk), [chunk]);
  assert.equal(readsFor(0), [], "all are kept");
  assert.equal(readsFor(MAX_CHUNKS), [MAX_CHUNKS]);
  assert.equal(readsFor(0), [], "it was used again");
  assert.equal(readsFor(1), [1], "the longest unused is gone");
});

test.run();
