import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { counting } from "../streams/live/chaos/two-harts.js";
import { skip } from "../support/requires.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm } from "./command-line.js";

const possible = existsSync("dist/command/current") || skip("hunts", "needs  npm run build  for worker processes");

if (possible)
  test("given a race of two harts, when hunted with --json, then a line a run, a summary, and what failed", async () => {
    await withTemporaryFolder(async (folder) => {
      const path = (name: string): string => join(folder, name);
      writeFileSync(path("x.bin"), counting(20_000));
      const machine = ["--bios", "none", "--kernel", path("x.bin"), "--memory", "2M", "--smp", "2"];
      const words = ["--runs", "8", "--jobs", "2", "--keep", "failing", "--chaos", "-o", path("{n}.fold"), "--json"];
      const { code, stdout, stderr } = await foldvm(["hunt", ...words, ...machine]);
      assert.is(code, 0, stderr);
      const rows = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const summary = rows.pop() ?? {};
      assert.equal(rows.map(({ run }) => run).sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
      const failed = rows.filter((row) => row["failed"]);
      assert.equal([summary["runs"], summary["failed"]], [8, failed.length]);
      const { seed, file, run } = failed[0] ?? {};
      assert.is(seed, `${String(summary["seed"])}-${String(run)}`);
      const again = ["--chaos", String(seed), "--seed", String(summary["seed"]), "--icount", "sleep=off"];
      await foldvm(["record", ...again, "-o", path("again.fold"), ...machine]);
      assert.equal(readFileSync(String(file)), readFileSync(path("again.fold")));
    });
  });

if (possible)
  test("given a guest without a race, when hunted, then the code is 1, and the summary is for people", async () => {
    await withTemporaryFolder(async (folder) => {
      const kernel = join(folder, "x.bin");
      // The first hart has counted before chaos begins.
      writeFileSync(kernel, counting(10));
      const { code, stdout } = await foldvm([
        "hunt",
        "--runs",
        "2",
        "--keep",
        "none",
        "--kernel",
        kernel,
        "--smp",
        "2",
      ]);
      assert.is(code, 1, stdout);
      assert.match(stdout, /0 of 2 runs failed, 0\.0 % \(95 %: 0\.0 % to 65\.8 %\)/);
    });
  });

test("given words that mean nothing, when hunted, then all are told", async () => {
  const { code, stderr } = await foldvm(["hunt", "--runs", "x", "--keep", "some", "--chaos", "depth=2"]);
  assert.is(code, 2);
  for (const problem of ["--runs x: give a whole", "--keep some: use failing", "only the strategy pct"])
    assert.ok(stderr.includes(problem), stderr);
});

test.run();
