// An image's file is read ahead within bounds, whatever is asked for at once.
import { openSync, truncateSync, writeFileSync, writeSync, closeSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import {
  CHUNK_BYTES,
  ImageFile,
  MAX_CHUNKS,
  MAX_PREPARED_BYTES,
} from "../../../../src/streams/host/disks/image-file.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";

const BEHIND = MAX_PREPARED_BYTES;
const MARK = 0x5a;

const withImage = (work: (disk: ImageFile) => Promise<void>): Promise<void> =>
  withTemporaryFolder(async (folder) => {
    const path = join(folder, "disk.raw");
    writeFileSync(path, "");
    truncateSync(path, 2 * MAX_PREPARED_BYTES + CHUNK_BYTES);
    const file = openSync(path, "r+");
    writeSync(file, Uint8Array.of(MARK), 0, 1, BEHIND);
    closeSync(file);
    const disk = new ImageFile(path);
    try {
      await work(disk);
    } finally {
      disk.close();
    }
  });

test("given as much on its way as may be, when one byte more is asked for, then it is read when it is needed", () =>
  withImage(async (disk) => {
    const first = disk.prepare(0, MAX_PREPARED_BYTES);
    assert.ok(first);
    const beyond = disk.prepare(BEHIND, 1);
    await beyond;
    assert.is(beyond, undefined, "one beyond");
    const read = new Uint8Array(1);
    disk.read(BEHIND, read);
    assert.equal(read, Uint8Array.of(MARK));
    await first;
    const later = disk.prepare(BEHIND + CHUNK_BYTES, 1);
    assert.ok(later, "there is room again");
    await later;
    assert.is(disk.prepare(BEHIND + CHUNK_BYTES, 1), undefined, "it is there");
  }));

test("given bytes on their way, when they are asked for again and again, then they are fetched once", () =>
  withImage(async (disk) => {
    const all = Array.from({ length: 1000 }, () => disk.prepare(0, 1));
    assert.ok(all.every((one) => one !== undefined));
    const others = disk.prepare(CHUNK_BYTES, MAX_PREPARED_BYTES - CHUNK_BYTES);
    await Promise.all([...all, others]);
    assert.is(disk.prepare(0, MAX_PREPARED_BYTES), undefined, "there was room for all others");
  }));

test("given a request for more than is made ready, when it is prepared, then no more than that is", () =>
  withImage(async (disk) => {
    await disk.prepare(0, MAX_PREPARED_BYTES + 1);
    const beyond = disk.prepare(BEHIND, 1);
    assert.ok(beyond, "one beyond");
    await beyond;
  }));

test("given as many chunks as are kept, when one more is read, then the longest unused is dropped, and no other", () =>
  withImage((disk) => {
    const read = (chunk: number): void => {
      disk.read(chunk * CHUNK_BYTES, new Uint8Array(1));
    };
    const isKept = (chunk: number): boolean => disk.prepare(chunk * CHUNK_BYTES, 1) === undefined;
    for (let chunk = 0; chunk < MAX_CHUNKS; chunk += 1) read(chunk);
    read(0);
    assert.ok(isKept(0) && isKept(1) && isKept(MAX_CHUNKS - 1));
    read(MAX_CHUNKS);
    assert.ok(isKept(MAX_CHUNKS) && isKept(0) && isKept(2));
    const fetched = disk.prepare(CHUNK_BYTES, 1);
    assert.ok(fetched, "it has to be read anew");
    return fetched;
  }));

test("given bytes on their way, when the file is closed, then nobody is told that they could not be read", () =>
  withImage(async (disk) => {
    const waiting = disk.prepare(0, MAX_PREPARED_BYTES);
    assert.ok(waiting);
    disk.close();
    await waiting;
    assert.throws(() => {
      disk.read(0, new Uint8Array(1));
    }, "its machine or recording was closed");
  }));

test.run();
