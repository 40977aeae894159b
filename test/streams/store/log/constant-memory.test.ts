// A recording of any length is read in the memory of a short one.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { fileSink } from "../../../../src/streams/host/file-sink.js";
import { openLogFile } from "../../../../src/streams/host/log-file.js";
import { openWriter } from "../../../../src/streams/store/log/index.js";
import { walkSegments } from "../../../../src/streams/store/log/segment-walk.js";
import { record, randomEvents, SAMPLE_HEADER } from "./sample-recordings.js";
import { seededRandom } from "../../../support/seeded-random.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const EVENTS_A_LOOK = 50;

/**
 * What is reachable, but for buffers that the collector frees in the background: waiting garbage says nothing about who
 * holds what.
 */
const heldBytes = (): number => {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

test("given a file of 60 MB, when its events are read, then the process holds a fraction of that", () => {
  const folder = mkdtempSync(join(tmpdir(), "foldvm-log-"));
  try {
    const path = join(folder, "long.fold");
    const random = seededRandom(1);
    const noise = Uint8Array.from({ length: 1 << 20 }, () => random(256));
    const writer = openWriter(fileSink(path), SAMPLE_HEADER);
    for (let seq = 1; seq <= 1000; seq++) {
      const bytes = noise.subarray(random(900_000)).subarray(0, 60_000);
      writer.append({ seq, icount: seq, event: { type: "virtioConsole/bytesReceived", slot: 0, bytes } });
    }
    writer.close({ icount: 1000, seq: 1000, hash: 0n, cause: "host" });
    assert.ok(statSync(path).size > 55_000_000);

    const log = openLogFile(path);
    let held = 0;
    let count = 0;
    const before = heldBytes();
    for (const { seq, event } of log.events()) {
      if (event.type === "virtioConsole/bytesReceived") count += event.bytes.length;
      if (seq % EVENTS_A_LOOK === 0) held = Math.max(held, heldBytes() - before);
    }
    log.close();
    assert.is(count, 60_000_000);
    assert.ok(held < 16 * 2 ** 20, `${String(held >> 20)} MiB more`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("given a source, when walked, then no read is larger than a segment and none lies outside it", () => {
  const bytes = record(randomEvents(4, 4000), { perSegment: 300 });
  const reads: number[] = [];
  const source = {
    size: bytes.length,
    read(offset: number, length: number) {
      assert.ok(offset >= 0 && offset + length <= bytes.length);
      reads.push(length);
      return bytes.slice(offset, offset + length);
    },
    close() {
      // Nothing to release.
    },
  };
  assert.is([...walkSegments(source)].length, 1 + Math.ceil(4000 / 300) + 1);
  assert.ok(Math.max(...reads) < bytes.length / 4);
});

test.run();
