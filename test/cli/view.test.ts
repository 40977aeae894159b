// Recordings on a page, on the command line: a file that is whole, and none that is overwritten unasked.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { withTemporaryFolder } from "../support/temporary-folder.js";
import { ended, foldvm, startFoldvm } from "./command-line.js";

const FAILS = "logs/race-fails.fold";

test("given recordings, when they are exported, then the page has them, and - is standard output", () =>
  withTemporaryFolder(async (folder) => {
    const page = join(folder, "race.html");
    const words = ["view", FAILS, "logs/race-passes.fold", "--export"];
    const { code, stderr } = await foldvm([...words, page]);
    assert.is(code, 0, stderr);
    assert.match(stderr, /race\.html, \d+\.\d kB/);
    assert.match(readFileSync(page, "utf8"), "<title>race-fails.fold, race-passes.fold</title>");
    const piped = await foldvm([...words, "-", "--quiet"]);
    assert.is(piped.stderr, "");
    assert.ok(Buffer.from(piped.stdout, "latin1").equals(readFileSync(page)));
  }));

test("given a file that is there, then it is kept, and written over with --force", () =>
  withTemporaryFolder(async (folder) => {
    const page = join(folder, "race.html");
    writeFileSync(page, "mine");
    const { code, stderr } = await foldvm(["view", FAILS, "--export", page]);
    assert.is(code, 73);
    assert.match(stderr, /race\.html exists already.*--force/);
    assert.is(readFileSync(page, "utf8"), "mine");
    assert.is((await foldvm(["view", FAILS, "--export", page, "--force"])).code, 0);
    assert.match(readFileSync(page, "utf8"), "<!doctype html>");
  }));

test("given an image that is not here, then it is named, and no page is left", () =>
  withTemporaryFolder(async (folder) => {
    const recording = join(folder, "moved.fold");
    writeFileSync(recording, readFileSync(FAILS));
    const { code, stderr } = await foldvm(["view", recording, "--export", join(folder, "page.html")]);
    assert.is(code, 66);
    assert.match(stderr, /kernel/);
    assert.equal(readdirSync(folder), ["moved.fold"]);
  }));

test("given its own recording to be written to, then it is refused", async () => {
  const { code, stderr } = await foldvm(["view", FAILS, "--export", FAILS, "--force"]);
  assert.is(code, 2);
  assert.match(stderr, /is what FILE names: write to another file/);
});

test("given no --export, when a recording is viewed, then its page is served until a signal comes", async () => {
  const child = startFoldvm(["view", FAILS, "--no-open"]);
  const url = await new Promise<string>((resolve) => {
    child.stderr.on("data", (text: Buffer) => {
      const address = /foldvm: (http:\S+)\n/.exec(text.toString())?.[1];
      if (address !== undefined) resolve(address);
    });
  });
  assert.match(await (await fetch(url)).text(), "<title>race-fails</title>");
  child.kill("SIGTERM");
  assert.is((await ended(child)).code, 143);
});

test.run();
