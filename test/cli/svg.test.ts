/** `--svg`: an answer, or a tree of branches, as a picture in a file. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm } from "./command-line.js";

const FAILS = "logs/race-fails.fold";

test("given --svg, when a question is asked, then its rows are marks in the file, and nothing is printed", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, "a.svg");
    const asked = ["query", FAILS, "output", "FAIL", "--svg", path];
    const { code, stdout, stderr } = await foldvm(asked);
    assert.is(code, 0, stderr);
    assert.is(stdout, "");
    assert.match(stderr, /1 row: .*a\.svg, [\d,]+ bytes/);
    assert.match(readFileSync(path, "utf8"), /<desc>.*output FAIL: one row at 12\.070681 ms\.<\/desc>/);
    const again = await foldvm(asked);
    assert.is.not(again.code, 0);
    assert.match(again.stderr, /--force/);
    assert.is((await foldvm([...asked, "--force"])).code, 0);
  });
});

test("given --svg beside another form, when a question is asked, then that is refused", async () => {
  const { code, stderr } = await foldvm(["query", FAILS, "output", "--svg", "never.svg", "--json"]);
  assert.is(code, 2);
  assert.match(stderr, /--json and --svg: one at a time/);
});

test("given a branch, when info draws it, then its parent is there, too, and a saved state has no picture", async () => {
  await withTemporaryFolder(async (folder) => {
    const [fork, svg, state] = ["b.fold", "b.svg", "s.fsnap"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await foldvm(["fork", FAILS, "--drop", "seq:1", "--insns", "1000", "-o", fork]);
    const { code, stderr } = await foldvm(["info", fork, "--svg", svg]);
    assert.is(code, 0, stderr);
    assert.match(readFileSync(svg, "utf8"), /<desc>race-fails\.fold: from instruction 0 to 12075018, .*b\.fold: from/);
    await foldvm(["replay", FAILS, "--until", "1000", "--save", state]);
    const none = await foldvm(["info", state, "--svg", join(folder, "c.svg")]);
    assert.is(none.code, 2);
    assert.match(none.stderr, /saved state/);
    writeFileSync(svg, "");
    assert.is.not((await foldvm(["info", fork, "--svg", svg])).code, 0);
    assert.is(readFileSync(svg, "utf8"), "");
  });
});

test.run();
