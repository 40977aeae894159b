import { existsSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { skip } from "../support/requires.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm } from "./command-line.js";

const possible =
  existsSync("dist/command/current") || skip("the demonstration", "needs  npm run build  for a fresh process");

if (possible)
  test("given the demonstration, when run, then a failing run is caught, and every replay is the same", async () => {
    await withTemporaryFolder(async (folder) => {
      const { code, stdout } = await foldvm(["demo", "--folder", folder]);
      assert.is(code, 0, stdout);
      const hashes = [...stdout.matchAll(/([0-9a-f]{16}) {2}(?:recorded|replay|verify)/g)].map(([, hash]) => hash);
      assert.is(hashes.length, 7);
      assert.is(new Set(hashes).size, 1);
      assert.match(stdout, /FAILED .*FAIL: \d+ bytes received/);
      assert.match(stdout, /It fails in every replay: FAIL/);
      assert.ok(existsSync(join(folder, "race-fail.fold")));
      assert.ok(existsSync(join(folder, "race-pass.fold")));
    });
  });

test("given too few runs, when none fails or passes, then the demonstration says so", async () => {
  await withTemporaryFolder(async (folder) => {
    const { code, stdout } = await foldvm(["demo", "--folder", folder, "--runs", "1"]);
    assert.is(code, 1);
    assert.match(stdout, /Of 1 runs [01] failed/);
  });
});

test.run();
