import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { openRecording } from "../../src/streams/session/open-recording.js";
import { skip } from "../support/requires.js";
import { withTemporaryFolder } from "../support/temporary-folder.js";
import { foldvm } from "./command-line.js";

const possible =
  existsSync("dist/command/current") || skip("the demonstration", "needs  npm run build  for processes of its own");

/** Of the lines to try next; the others want somebody who types. */
const TRIED = /^ {2}.*?((?:hunt|schedule|replay|events|info) [^|\n]*?)(?: \| head)?$/gm;

if (possible)
  test("given the demonstration, when run, then each race is caught, each replay is the same, and the lines to try next work", async () => {
    await withTemporaryFolder(async (folder) => {
      const { code, stdout } = await foldvm(["demo", "--folder", folder]);
      assert.is(code, 0, stdout);
      const [plain = "", hunted = "", interrupts = ""] = stdout.split(/\nA hunt|\n2\. /);

      assert.is([...plain.matchAll(/passed .*balance 80 of 80, state hash/g)].length, 3);
      assert.is(new Set([...plain.matchAll(/state hash (\w+)/g)].map(([, hash]) => hash)).size, 1);
      for (const act of [hunted, interrupts]) {
        const hashes = [...act.matchAll(/([0-9a-f]{16}) {2}(?:recorded|replay|verify)/g)].map(([, hash]) => hash);
        assert.is(hashes.length, 7);
        assert.is(new Set(hashes).size, 1);
      }
      assert.match(hunted, /It fails in every replay: balance \d+ of 80/);
      assert.match(interrupts, /It fails in every replay: FAIL/);

      const names = ["harts-fail.fold", "harts-pass.fold", "race-fail.fold", "race-pass.fold"];
      assert.equal(readdirSync(folder).sort(), names);
      const codes = names.map((name) => openRecording(join(folder, name)).info.guestCode);
      assert.equal(codes, [1, 0, 1, 0]);

      const tried = [...stdout.slice(stdout.indexOf("Try next")).matchAll(TRIED)].map(([, line = ""]) => line);
      assert.is(tried.length, 8);
      for (const line of tried.filter((words) => !words.includes("--monitor"))) {
        const answer = await foldvm(line.split(" ").map((word) => word.replace(/^'(.*)'$/, "$1")));
        // Of 20 runs none may fail.
        assert.ok(
          answer.code === 0 || (answer.code === 1 && /^(?:hunt|replay)/.test(line)),
          `${line}: ${answer.stderr}`,
        );
      }
    });
  });

if (possible)
  test("given too few runs, when none fails or passes, then the demonstration says so", async () => {
    await withTemporaryFolder(async (folder) => {
      const { code, stdout } = await foldvm(["demo", "--folder", folder, "--runs", "1"]);
      assert.is(code, 1);
      assert.match(stdout, /\n[01] of 1 run failed, .*\nChance has it so/);
    });
  });

test("given a folder that can't be, when recordings are to go there, then the error names it and the option", async () => {
  await withTemporaryFolder(async (folder) => {
    writeFileSync(join(folder, "file"), "");
    const { code, stderr } = await foldvm(["demo", "--folder", join(folder, "file", "in")]);
    assert.is(code, 73);
    assert.match(stderr, /can't be put into .*file\/in: .*not a directory; name another folder \(--folder\)/);
  });
});

test.run();
