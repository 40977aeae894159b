import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { TYPESCRIPT } from "../../../scripts/typescript/node-words.js";
import { makeFolder } from "../../../src/streams/host/make-folder.js";
import { skip } from "../../support/requires.js";
import { withTemporaryFolder } from "../../support/temporary-folder.js";

test("given folders that are missing, when made, then all are there, with the mode; and again nothing happens", () =>
  withTemporaryFolder((folder) => {
    const path = join(folder, "a", "b", "c");
    makeFolder(path, 0o700);
    makeFolder(path);
    for (const made of [path, join(folder, "a", "b"), join(folder, "a")]) assert.is(statSync(made).mode & 0o777, 0o700);
  }));

test("given a path through a link and out again, when made, then it is where the host finds it", () =>
  withTemporaryFolder((folder) => {
    mkdirSync(join(folder, "far", "in"), { recursive: true });
    symlinkSync(join(folder, "far", "in"), join(folder, "link"));
    makeFolder(`${folder}/link/../x/y`);
    assert.ok(existsSync(join(folder, "far", "x", "y")));
  }));

test("given a file in the place of one, when made, then the error names it, and why", () =>
  withTemporaryFolder((folder) => {
    writeFileSync(join(folder, "a"), "mine");
    assert.throws(() => {
      makeFolder(join(folder, "a"));
    }, /the folder .*\/a can't be made: file already exists$/);
    assert.throws(() => {
      makeFolder(join(folder, "a", "b", "c"));
    }, /the folder .*\/a\/b can't be made: not a directory$/);
  }));

// In a process of its own, which can be ended: what hangs is a call of the host.
if (existsSync("/proc/self") || skip("folders below /proc", "need /proc"))
  test("given a place below /proc, where nothing can be made, when made, then it is an error, and nothing hangs", () => {
    const script = `
      const { makeFolder } = await import("./src/streams/host/make-folder.ts");
      try { makeFolder("/proc/none/y"); } catch ({ message }) { console.log(message); }`;
    const { stdout, stderr } = spawnSync(process.execPath, [...TYPESCRIPT, "--input-type=module", "--eval", script], {
      encoding: "utf8",
      timeout: 60_000,
      killSignal: "SIGKILL",
    });
    assert.match(stdout, /^the folder \/proc\/none can't be made: no such file or directory\n$/, stderr);
  });

test.run();
