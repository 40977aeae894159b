import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { counting } from "../streams/chaos/two-harts.js";
import { HARTS_ELF, HARTS_MEMORY } from "../support/harts-guest.js";
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
      const words = [
        "--runs",
        "8",
        "--jobs",
        "2",
        "--keep",
        "failing",
        "--chaos=mixed",
        "-o",
        path("{n}.fold"),
        "--json",
      ];
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
      assert.is(summary["plainFailed"], null);
      const { seed, file, run, code: ofFirst, guestCode, console } = failed[0] ?? {};
      assert.equal([ofFirst, guestCode, console], [1, 1, ""]);
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
      assert.not.match(stdout, /verified|plain/);
    });
  });

if (possible)
  test("given a guest that always fails, when hunted, then its last line is told, and that no chaos is needed", async () => {
    await withTemporaryFolder(async (folder) => {
      const words = ["--runs", "2", "-o", join(folder, "{n}.fold"), "--bios", "none", "--kernel", HARTS_ELF];
      const { code, stdout } = await foldvm(["hunt", ...words, "--memory", HARTS_MEMORY, "--append", "nosuch"]);
      assert.is(code, 0, stdout);
      const [first = "", , summary = "", plain = ""] = stdout.split("\n");
      assert.match(first, /^run \d\s+FAILED\s+code \d+ .*\s"[^"]{1,62}"$/);
      assert.match(summary, /; kept 2 recordings, verified where one failed$/);
      assert.match(plain, /^all runs failed, and a plain one, without chaos, fails too: .*--smp or --append$/);
    });
  });

test("given words that mean nothing, when hunted, then all are told", async () => {
  const { code, stderr } = await foldvm(["hunt", "--runs", "x", "--keep", "some", "--chaos", "depth=2"]);
  assert.is(code, 2);
  for (const problem of ["--runs x: give a whole", "--keep some: use failing", "only the strategy pct"])
    assert.ok(stderr.includes(problem), stderr);
});

test("given --chaos=off, when hunted, then it is no seed, and what to do is told", async () => {
  for (const word of ["off", "none", "off,strategy=pct"]) {
    const { code, stderr } = await foldvm(["hunt", `--chaos=${word}`, "--kernel", "x"]);
    assert.is(code, 2);
    assert.match(stderr, /--chaos (off|none): .*leave it out.*foldvm record .*--chaos seed=\1/);
  }
});

test.run();
