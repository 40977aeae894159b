// The digest of a large image is kept by the identity of its file, and believed for that very file alone.
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { showHashing } from "../../../../src/streams/session/hashing-progress.js";
import {
  DigestCache,
  digestCachePath,
  MAX_DIGESTS,
  type FileIdentity,
} from "../../../../src/streams/host/disks/digest-cache.js";
import {
  hashing$,
  imageDigest,
  MIN_KEPT_BYTES,
  type Hashing,
} from "../../../../src/streams/host/disks/image-digest.js";
import { ImageFile } from "../../../../src/streams/host/disks/image-file.js";
import { withTemporaryFolder } from "../../../support/temporary-folder.js";
import { testStdio } from "../../../cli/command-line.js";

const TICK_NS = 2_000_000_000n;
const OF_ZEROS = createHash("sha256").update(new Uint8Array(MIN_KEPT_BYTES)).digest("hex");
const FORGED = "0".repeat(64);

interface Image {
  readonly path: string;
  readonly cachePath: string;
  readonly identity: () => FileIdentity;
  /** As at a start so long after the file was changed last; and whether it was read. */
  readonly digest: (afterNs?: bigint) => { readonly sha256: string; readonly isRead: boolean };
}

const withImage = (work: (image: Image) => void, sizeBytes = MIN_KEPT_BYTES): Promise<void> =>
  withTemporaryFolder((folder) => {
    const path = join(folder, "disk.raw");
    const cachePath = join(folder, "cache", "digests.json");
    writeFileSync(path, "");
    truncateSync(path, sizeBytes);
    const identity = (): FileIdentity => statSync(path, { bigint: true });
    work({
      path,
      cachePath,
      identity,
      digest: (afterNs = TICK_NS + 1n) => {
        let isRead = false;
        const reading = hashing$.subscribe(() => (isRead = true));
        const file = openSync(path, "r");
        const opened = fstatSync(file, { bigint: true });
        const sha256 = imageDigest(path, file, opened, {
          cache: new DigestCache(cachePath),
          nowNs: () => (opened.mtimeNs > opened.ctimeNs ? opened.mtimeNs : opened.ctimeNs) + afterNs,
        });
        closeSync(file);
        reading.unsubscribe();
        return { sha256, isRead };
      },
    });
  });

test("given an image, when it is opened again, then its digest is known and nothing is read", () =>
  withImage(({ digest, cachePath }) => {
    assert.equal(digest(), { sha256: OF_ZEROS, isRead: true });
    assert.equal(digest(), { sha256: OF_ZEROS, isRead: false });
    assert.is(statSync(cachePath).mode & 0o777, 0o600);
  }));

test("given an image that was changed within a tick of its file system's clock, then its digest is not kept; a moment later it is", () =>
  withImage(({ digest }) => {
    digest(TICK_NS);
    // Its clock may be ahead of ours, too.
    digest(-5n * TICK_NS);
    assert.ok(digest(TICK_NS + 1n).isRead);
    assert.not.ok(digest(0n).isRead, "what was kept by then is of before the tick");
  }));

test("given an image that is written to, at any place, then it is another one", () =>
  withImage(({ digest, path }) => {
    digest();
    const file = openSync(path, "r+");
    writeSync(file, "x", MIN_KEPT_BYTES - 1);
    closeSync(file);
    const { sha256, isRead } = digest();
    assert.ok(isRead);
    assert.is(sha256, createHash("sha256").update(readFileSync(path)).digest("hex"));
  }));

test("given a file of which any one mark is another's, then its digest is not known", () =>
  withTemporaryFolder((folder) => {
    const cache = new DigestCache(join(folder, "digests"));
    const identity = { dev: 1n, ino: 2n, size: 3n, mtimeNs: 4n, ctimeNs: 5n };
    cache.keep(identity, FORGED);
    assert.is(cache.find(identity), FORGED);
    for (const field of ["dev", "ino", "size", "mtimeNs", "ctimeNs"] as const)
      assert.is(cache.find({ ...identity, [field]: 9n }), undefined, field);
  }));

test("given an image that is changed while it is read, then its digest is not kept", () =>
  withImage(({ digest, path }) => {
    const changing = hashing$.subscribe(({ doneBytes }) => {
      if (doneBytes < MIN_KEPT_BYTES / 2) writeFileSync(path, "x", { flag: "r+" });
    });
    digest();
    changing.unsubscribe();
    assert.ok(digest().isRead);
  }));

test("given a small image, then it is hashed each time, and no cache is made", () =>
  withImage(({ digest, cachePath }) => {
    digest();
    assert.ok(digest().isRead);
    assert.not.ok(existsSync(cachePath));
  }, MIN_KEPT_BYTES - 1));

test("given a cache that is damaged anywhere, then it is ignored, and made anew", () =>
  withImage(({ digest, cachePath, identity }) => {
    digest();
    const sound = readFileSync(cachePath);
    for (let bit = 0; bit < sound.length * 8; bit += 7) {
      const damaged = Buffer.from(sound);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(cachePath, damaged);
      assert.is(new DigestCache(cachePath).find(identity()), undefined, `bit ${String(bit)}`);
    }
    for (const text of [
      "",
      "{}",
      "[]",
      "null",
      '{"digests":[["1 2 3 4 5","x"]],"check":""}',
      "\0".repeat((1 << 20) + 1),
    ]) {
      writeFileSync(cachePath, text);
      assert.equal(digest(), { sha256: OF_ZEROS, isRead: true }, text.slice(0, 50));
      assert.equal(digest(), { sha256: OF_ZEROS, isRead: false });
    }
  }));

test("given a cache of as many bytes as are read, then it is taken; with one more, then it is ignored", () =>
  withImage(({ digest, cachePath }) => {
    digest();
    const sound = readFileSync(cachePath, "utf8");
    // JSON takes spaces at its end.
    writeFileSync(cachePath, sound.padEnd(1 << 20));
    assert.not.ok(digest().isRead);
    writeFileSync(cachePath, sound.padEnd((1 << 20) + 1));
    assert.ok(digest().isRead);
  }));

const identityOf = (ino: number): FileIdentity => ({ dev: 1n, ino: BigInt(ino), size: 3n, mtimeNs: 4n, ctimeNs: 5n });

test("given more images than are kept, then the one that was hashed first is forgotten", () =>
  withTemporaryFolder((folder) => {
    const cache = new DigestCache(join(folder, "digests"));
    for (let ino = 0; ino < MAX_DIGESTS; ino += 1) cache.keep(identityOf(ino), FORGED);
    assert.is(cache.find(identityOf(0)), FORGED);
    cache.keep(identityOf(MAX_DIGESTS), FORGED);
    assert.is(cache.find(identityOf(0)), undefined);
    assert.is(cache.find(identityOf(1)), FORGED);
    assert.is(cache.find(identityOf(MAX_DIGESTS)), FORGED);
  }));

test("given a place where nothing can be written, then images are hashed each time, and nothing fails", () =>
  withImage(({ path }) => {
    for (const cachePath of [undefined, "/dev/null/digests.json", "/dev/null", dirname(path)]) {
      const cache = new DigestCache(cachePath);
      cache.keep(statSync(path, { bigint: true }), FORGED);
      assert.is(cache.find(statSync(path, { bigint: true })), undefined);
    }
  }));

test("given the environment, then it says where the cache is, or that there is none", () => {
  const at = (...parts: readonly string[]): string => join(...parts, "foldvm", "image-digests.json");
  assert.is(digestCachePath({}), at(homedir(), ".cache"));
  assert.is(digestCachePath({ XDG_CACHE_HOME: "/caches" }), at("/caches"));
  assert.is(digestCachePath({ XDG_CACHE_HOME: "relative" }), at(homedir(), ".cache"));
  assert.is(digestCachePath({ XDG_CACHE_HOME: "/caches", FOLDVM_IMAGE_DIGESTS: "/a/file" }), "/a/file");
  assert.is(digestCachePath({ FOLDVM_IMAGE_DIGESTS: "off" }), undefined);
});

// A digest that no hashing would give shows whose word counts.
test("given a digest in the user's cache, when the image is opened as a disk, then it is taken from there; switched off, it is not", () =>
  withImage(({ path, identity, cachePath }) => {
    const before = process.env["FOLDVM_IMAGE_DIGESTS"];
    try {
      process.env["FOLDVM_IMAGE_DIGESTS"] = cachePath;
      new DigestCache(cachePath).keep(identity(), FORGED);
      const known = new ImageFile(path);
      known.close();
      assert.is(known.sha256, FORGED);
      process.env["FOLDVM_IMAGE_DIGESTS"] = "off";
      const hashed = new ImageFile(path);
      hashed.close();
      assert.is(hashed.sha256, OF_ZEROS);
    } finally {
      if (before === undefined) delete process.env["FOLDVM_IMAGE_DIGESTS"];
      else process.env["FOLDVM_IMAGE_DIGESTS"] = before;
    }
  }));

test("given a terminal, when hashing takes long, then its progress is one line that goes away; elsewhere there is none", () => {
  const step = (doneBytes: number): Hashing => ({ path: "big.raw", doneBytes, totalBytes: 100 });
  for (const isTerminal of [true, false]) {
    let nowMs = 0;
    const stdio = testStdio({ isTerminal });
    const showing = showHashing(stdio, () => nowMs);
    hashing$.next(step(10));
    nowMs = 299;
    hashing$.next(step(20));
    assert.is(stdio.complained(), "", "it may be over at once");
    nowMs = 300;
    hashing$.next(step(30));
    hashing$.next(step(31));
    hashing$.next(step(100));
    showing.unsubscribe();
    const shown = "\r\x1b[Kfoldvm: reading big.raw once, for its digest: 30 %\r\x1b[K";
    assert.is(stdio.complained(), isTerminal ? shown : "");
  }
});

test.run();
