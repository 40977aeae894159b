import { spawnSync } from "node:child_process";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { ImageError, loadImages } from "../../../src/streams/host/images.js";
import { readSymbolFile } from "../../../src/streams/host/symbol-file.js";
import { MAX_READ_BYTES, readWholeFile } from "../../../src/streams/host/read-file.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

const inFile = (work: (path: string) => void): Promise<void> =>
  withTemporaryFolder((folder) => {
    const path = join(folder, "image");
    writeFileSync(path, "");
    work(path);
  });

const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (fault) {
    return (fault as Error).message;
  }
  return "";
};

test("given a file of as many bytes as are read, then all are there; with one more, then it is refused", () =>
  inFile((path) => {
    truncateSync(path, 3 << 20);
    assert.is(readWholeFile(path, { maxBytes: 3 << 20 }).length, 3 << 20);
    assert.is(
      refusal(() => readWholeFile(path, { maxBytes: (3 << 20) - 1 })),
      "it has more than 3145727 bytes",
    );
  }));

test("given an image or a file of symbols that is larger than any, then it is refused unread, by name", () =>
  inFile((path) => {
    truncateSync(path, MAX_READ_BYTES + 1);
    const load = (): unknown => loadImages({ kernel: path });
    assert.throws(load, (fault: unknown) => fault instanceof ImageError && fault.code === "IMAGE_UNREADABLE");
    assert.match(refusal(load), `can't read the kernel ${path}: it has more than 1073741824 bytes`);
    assert.match(
      refusal(() => readSymbolFile(path)),
      `can't read the symbols ${path}: it has more than 1073741824 bytes`,
    );
  }));

test("given a device without an end, when it is read, then no more than the bound is", () => {
  assert.is(
    refusal(() => readWholeFile("/dev/zero", { maxBytes: 5_000_000 })),
    "it has more than 5000000 bytes",
  );
  assert.is(readWholeFile("/dev/null").length, 0);
});

test("given a pipe with as many bytes as are read, then all are there; with one more, then it is refused", () =>
  withTemporaryFolder((folder) => {
    const path = join(folder, "pipe");
    assert.is(spawnSync("mkfifo", [path]).status, 0);
    const read = (bytes: number): Uint8Array => {
      spawnSync("sh", ["-c", 'head -c "$1" /dev/zero > "$0" 2> /dev/null &', path, String(bytes)], { stdio: "ignore" });
      return readWholeFile(path, { maxBytes: 3_000_000 });
    };
    assert.is(read(3_000_000).length, 3_000_000);
    assert.is(
      refusal(() => read(3_000_001)),
      "it has more than 3000000 bytes",
    );
  }));

test.run();
