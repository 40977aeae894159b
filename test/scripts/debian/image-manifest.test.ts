/** A download counts only when its manifest and every file agree. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cacheDirectory } from "../../../scripts/debian/cache-directory.js";
import { keepImages, readManifest } from "../../../scripts/debian/image-manifest.js";

const withDownload = async (work: (root: string, file: string) => Promise<void>): Promise<void> => {
  const root = mkdtempSync(join(tmpdir(), "foldvm-manifest-"));
  try {
    const made = join(root, "made");
    mkdirSync(made);
    writeFileSync(join(made, "kernel"), "a kernel");
    await keepImages(made, root, { directory: "images", packages: { linux: "1" } });
    await work(root, join(root, "images", "kernel"));
  } finally {
    rmSync(root, { recursive: true });
  }
};

test("given a whole download, when its manifest is read, then it is what was written", async () => {
  await withDownload(async (root) => {
    assert.equal((await readManifest(root))?.packages, { linux: "1" });
  });
});

test("given a file of the same size with another byte, when the manifest is read, then the download counts for nothing", async () => {
  await withDownload(async (root, file) => {
    writeFileSync(file, "a kernal");
    assert.is(await readManifest(root), undefined);
  });
});

test("given a missing file, when the manifest is read, then the download counts for nothing", async () => {
  await withDownload(async (root, file) => {
    rmSync(file);
    assert.is(await readManifest(root), undefined);
  });
});

test("given a damaged manifest, when it is read, then the download counts for nothing", async () => {
  await withDownload(async (root) => {
    writeFileSync(join(root, "manifest.json"), '{"version":');
    assert.is(await readManifest(root), undefined);
  });
});

test("given the environment, when the cache directory is asked for, then our own variable comes first, then XDG's", () => {
  assert.is(cacheDirectory({ FOLDVM_CACHE: "/own", XDG_CACHE_HOME: "/xdg" }), "/own");
  assert.is(cacheDirectory({ XDG_CACHE_HOME: "/xdg" }), "/xdg/foldvm");
  assert.match(cacheDirectory({ XDG_CACHE_HOME: "relative" }), /\/\.cache\/foldvm$/);
});

test.run();
